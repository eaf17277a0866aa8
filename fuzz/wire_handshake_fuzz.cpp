// Any bytes as a handshake: every split gives the same verdict and takes the same bytes; what is complete is
// written again as it came.
#include <algorithm>

#include "base/assert.h"
#include "wire/handshake.h"

using namespace spate;
using namespace spate::wire;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes input(data, size);
    HandshakeReader whole, single;
    const std::size_t taken = whole.feed(input);
    std::size_t singly = 0;
    for (std::size_t i = 0; i < size; ++i) singly += single.feed(input.subspan(i, 1));
    SPATE_ASSERT(taken == singly && whole.state() == single.state() && whole.swarm() == single.swarm());
    SPATE_ASSERT(taken <= handshake_size);
    if (whole.state() == HandshakeReader::State::complete) {
        SPATE_ASSERT(std::ranges::equal(to_bytes(whole.handshake()), input.first(handshake_size)));
        (void)client_name(whole.handshake().peer_id);
    }
    return 0;
}
