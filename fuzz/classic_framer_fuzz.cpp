// A byte 0x01 lets 200 ms pass. Byte by byte and burst by burst must give the same requests.
#include "base/assert.h"
#include "classic/request_framer.h"

using namespace spate;
using namespace spate::classic;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes input(data, size);
    RequestFramer bursts(64);
    RequestFramer single(64);
    std::vector<FramedRequest> from_bursts;
    std::vector<FramedRequest> from_single;
    TimePoint now{};
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= size; ++i) {
        const bool pause = i == size || input[i] == 1;
        if (!pause) {
            single.feed(input.subspan(i, 1), now, from_single);
            continue;
        }
        bursts.feed(input.subspan(begin, i - begin), now, from_bursts);
        single.on_timeout(now, from_single);
        begin = i + 1;
        now += std::chrono::milliseconds(200);
        SPATE_ASSERT(bursts.next_timeout() == single.next_timeout() && bursts.buffered() <= 64);
    }
    bursts.end_of_input(from_bursts);
    single.end_of_input(from_single);
    SPATE_ASSERT(from_bursts == from_single);
    SPATE_ASSERT(from_bursts.size() <= size);
    return 0;
}
