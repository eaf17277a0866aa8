// The records of a swarm by family, and how SwarmStore counts them. Part of it.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <type_traits>

#include "announce/announce.h"
#include "tracker/address_scope.h"
#include "tracker/swarm_table.h"

namespace spate::tracker {

template <class Record>
PeerList<Record>& list_of(Swarm& swarm) {
    if constexpr (std::is_same_v<Record, PeerV4>)
        return swarm.v4;
    else
        return swarm.v6;
}
template <class Record>
using Other = std::conditional_t<std::is_same_v<Record, PeerV4>, PeerV6, PeerV4>;

inline std::uint32_t& counter(Swarm& swarm, PeerKind kind) {
    if (kind == PeerKind::seed) return swarm.seeds;
    return kind == PeerKind::leecher ? swarm.leechers : swarm.partial_seeds;
}

inline std::uint16_t steps_of(Duration duration) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration).count();
    return static_cast<std::uint16_t>(
        std::clamp<std::int64_t>(seconds / Tick::seconds, 1, (Tick::mask + 1) / 2));
}

inline PeerKind kind_of(const announce::AnnounceRequest& request) {
    if (request.is_seed()) return PeerKind::seed;
    return request.event == announce::Event::paused ? PeerKind::partial_seed : PeerKind::leecher;
}

inline bool may_be_kept(const Endpoint& peer, bool global_only) {
    if (peer.port <= 1) return false;  // it cannot be reached
    const auto scope = scope_of(peer.address);
    return scope == AddressScope::global || (scope == AddressScope::local && !global_only);
}

}  // namespace spate::tracker
