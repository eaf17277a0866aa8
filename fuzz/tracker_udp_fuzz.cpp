// Any datagrams to a tracker with small caps, some with ids that are right and times that pass: nothing that
// was not proved is answered with more than it sent, replies fit a packet, and the caps hold.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "announce/connection_ids.h"
#include "base/assert.h"
#include "tracker/udp_answers.h"

using namespace spate;
using namespace spate::tracker;

namespace {

constexpr hash::SipKey id_key{7};

AnnounceOptions small() {
    AnnounceOptions options;
    options.swarms.swarms = 6;
    options.swarms.peers = 20;
    options.swarms.peers_per_swarm = 12;
    options.swarms.peers_per_source = 4;
    return options;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto options = small();
    Announcements announcements(options, {}, 1);
    UdpAnswers answers(announcements, id_key);
    const announce::ConnectionIds ids(id_key);
    TimePoint now{std::chrono::hours(1)};
    Bytes rest(data, size);
    std::vector<std::uint8_t> reply;
    while (rest.size() > 2) {
        // How long it is, who sends it and when, then the datagram.
        const std::size_t length = std::min<std::size_t>(rest[0], rest.size() - 2);
        const auto flags = rest[1];
        std::vector<std::uint8_t> datagram(rest.begin() + 2,
                                           rest.begin() + 2 + static_cast<std::ptrdiff_t>(length));
        rest = rest.subspan(2 + length);
        now += std::chrono::seconds((flags >> 4) * (flags >> 4) * 10);
        std::array<std::uint8_t, 16> octets{0x20, 1, 0, 0, flags};
        const Endpoint from{(flags & 1) != 0 ? Address::v6(octets) : Address::v4(8, 8, 8, flags & 6), flags};
        const bool proved = (flags & 8) != 0 && datagram.size() >= 16;
        if (proved) {
            const auto id = ids.issue(from.address, now);
            for (std::size_t i = 0; i < 8; ++i) datagram[i] = static_cast<std::uint8_t>(id >> (8 * (7 - i)));
        }
        reply.clear();
        answers.answer(from, datagram, now, reply);
        SPATE_ASSERT(reply.size() <= (proved ? announce::udp_reply_bytes_max : datagram.size()));
        if ((flags & 0x40) != 0) announcements.sweep(now);
        const auto totals = announcements.swarms().totals();
        SPATE_ASSERT(totals.swarms <= options.swarms.swarms);
        SPATE_ASSERT(totals.peers_v4 + totals.peers_v6 <= options.swarms.peers);
    }
    return 0;
}
