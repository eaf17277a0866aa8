// Any bytes as one peer's stream: at once, byte by byte and in odd parts the same events and the same error.
// Input: the first byte sets what was negotiated and how many pieces there are.
#include "base/assert.h"
#include "wire/test_events.h"

using namespace spate;
using namespace spate::wire;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const Bytes stream(data + 1, size - 1);
    WireOptions options{.fast = (data[0] & 1) != 0, .extended = (data[0] & 2) != 0};
    options.piece_count = data[0] / 8U;  // 0: not known
    if ((data[0] & 4) != 0) options.offered = ExtensionSet{}.without(Extension::pex);
    const auto lines = read_stream(options, stream, [&] { return stream.size(); });
    SPATE_ASSERT(read_stream(options, stream, [] { return 1; }) == lines);
    unsigned step = 0;
    SPATE_ASSERT(read_stream(options, stream, [&] { return 1 + step++ % 23; }) == lines);
    SPATE_ASSERT(lines.size() <= stream.size());
    return 0;
}
