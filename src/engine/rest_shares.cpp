#include "engine/rest_shares.h"

#include <algorithm>

namespace spate::engine {

void RestShares::look(TimePoint now) {
    constexpr std::uint64_t seconds_before_end = 2;
    if (rest_.at == now) return;
    rest_ = {.at = now};
    rest_.near = picker_.missing() * layout_.piece_length() <= our_rate_.rate(now) * seconds_before_end;
    if (!rest_.near) return;
    rest_.blocks = picker_.missing_blocks();
    peers_.each([&](const Peer& peer) {
        if (picker_.outstanding(peer.key) > 0 && !peer.down.snubbed) rest_.rate += peer.down.rate.rate(now);
    });
}

std::uint32_t RestShares::window_of(const Peer& peer, TimePoint now) {
    const std::uint32_t window = peer.down.window.blocks(now);
    look(now);
    if (!rest_.near) return window;
    const std::uint64_t its_rate = peer.down.rate.rate(now);
    const std::uint64_t all = rest_.rate + (picker_.outstanding(peer.key) == 0 ? its_rate : 0);
    const std::uint32_t share = swarm::share_of_rest(rest_.blocks, its_rate, all);
    return std::min(window, std::max(share, peer.down.window.blocks_on_the_way()));
}

}  // namespace spate::engine
