// Any stream of requests: whatever the split, the same requests come out, within their limits. The first byte
// gives the split.
#include "base/assert.h"
#include "http/limits.h"
#include "http/request_reader.h"

using namespace spate;
using namespace spate::http;

namespace {
constexpr std::size_t body_max = 300;

std::string read(Bytes stream, std::size_t step) {
    RequestReader reader([](const RequestHead&) { return body_max; });
    std::string seen;
    while (!stream.empty() && reader.state() != ReadState::refused) {
        const Bytes part = stream.first(std::min(step, stream.size()));
        const std::size_t used = reader.feed(part);
        SPATE_ASSERT(used <= part.size() && (used == part.size() || reader.state() != ReadState::reading));
        stream = stream.subspan(used);
        if (reader.state() != ReadState::complete) continue;
        const Request request = reader.take();
        SPATE_ASSERT(request.body.size() <= body_max &&
                     request.head.headers.all().size() <= header_count_max);
        SPATE_ASSERT(request.head.path.starts_with('/') || request.head.path == "*");
        seen += request.head.path + "?" + request.head.query + "\n" + request.body + "\n";
    }
    if (reader.state() == ReadState::refused) seen += std::to_string(reader.refusal().status);
    return seen;
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const Bytes stream(data + 1, size - 1);
    SPATE_ASSERT(read(stream, size) == read(stream, data[0] % 16 + 1));
    return 0;
}
