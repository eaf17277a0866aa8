// Any response: whatever the split, the same body comes out, within its limit. The first byte gives the split
// and whether HEAD was asked.
#include "base/assert.h"
#include "http/response_reader.h"

using namespace spate;
using namespace spate::http;

namespace {
constexpr std::size_t body_max = 2000;

std::string read(Bytes stream, std::size_t step, Method method) {
    ResponseReader reader(method, body_max);
    for (; !stream.empty(); stream = stream.subspan(std::min(step, stream.size())))
        reader.feed(stream.first(std::min(step, stream.size())));
    if (reader.end_of_input() != ReadState::complete) return "refused";
    const Response response = reader.take();
    SPATE_ASSERT(response.body.size() <= body_max && response.status >= 200);
    return std::to_string(response.status) + response.body;
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const Bytes stream(data + 1, size - 1);
    const Method method = data[0] >= 128 ? Method::head : Method::get;
    SPATE_ASSERT(read(stream, size, method) == read(stream, data[0] % 16 + 1, method));
    return 0;
}
