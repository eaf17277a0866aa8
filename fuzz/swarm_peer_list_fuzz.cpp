// PeerList: whatever is told, tried, accepted, ended and banned in any order, its counts stay true and its
// caps hold.
#include <set>

#include "base/assert.h"
#include "swarm/peer_list.h"

using namespace spate;
using namespace spate::swarm;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t peers_max = 20;
    PeerList list({.peers_max = peers_max, .several_per_address = size % 2 == 0});
    Rng rng(size);
    TimePoint now{};
    std::set<Endpoint> connecting, connected;
    const auto end = [&](Endpoint endpoint, std::uint8_t how) {
        list.ended(endpoint, static_cast<PeerEnd>(how % 4), now, rng);
        connecting.erase(endpoint);
        connected.erase(endpoint);
    };
    for (std::size_t i = 0; i + 3 < size; i += 4) {
        const auto value = data[i + 1];
        const auto address =
            Address::v4(data[i + 2] % 8 == 0 ? 127 : 1 + data[i + 2] % 3 * 9, 1, 1, value % 16);
        const Endpoint endpoint{address, static_cast<std::uint16_t>(1020 + data[i + 3] % 8)};
        const Endpoint remote{address, static_cast<std::uint16_t>(50'000 + data[i + 3] % 4)};
        now += std::chrono::seconds(value);
        switch (data[i] % 8) {
            case 0:
            case 1:
                list.add(endpoint, static_cast<PeerSource>(data[i] / 8 % 7), Address::v4(1, 2, 3, value % 3),
                         value % 5 == 0);
                break;
            case 2:
                if (const auto next = list.next(value % 2 == 0, now)) {
                    SPATE_ASSERT(!list.banned(*next));
                    SPATE_ASSERT(connecting.insert(*next).second);
                }
                break;
            case 3:
                if (!connecting.empty()) {
                    const auto one = *connecting.begin();
                    list.connected(one);
                    connecting.erase(one);
                    connected.insert(one);
                }
                break;
            case 4:
                if (list.may_accept(remote.address) && !connected.contains(remote)) {
                    list.accepted(remote);
                    connected.insert(remote);
                    if (value % 2 == 0) list.listens_at(remote, endpoint.port);
                }
                break;
            case 5:
                if (!connected.empty()) end(*connected.begin(), value);
                break;
            case 6:
                if (!connecting.empty()) end(*connecting.rbegin(), value);
                break;
            default:
                if (value % 4 == 0) list.ban(endpoint);
                if (value % 4 == 1) list.add_own(endpoint);
        }
        SPATE_ASSERT(list.half_open() == connecting.size());
        SPATE_ASSERT(list.connected_count() == connected.size());
        SPATE_ASSERT(list.size() <= peers_max);
        SPATE_ASSERT(list.good_peers(5).size() <= 5);
    }
    return 0;
}
