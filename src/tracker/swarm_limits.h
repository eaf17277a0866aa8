// What a swarm store may hold, with the defaults. Plain data.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace spate::tracker {

struct SwarmLimits {
    std::size_t swarms = 1'000'000;
    std::size_t peers = 4'000'000;
    std::uint32_t peers_per_swarm = 50'000;
    // Endpoints of one source (Address::source) in one swarm; this machine's own are not counted.
    std::uint32_t peers_per_source = 16;
    Duration peer_life = std::chrono::minutes(45);  // without an announce; at most 9 hours
    // A swarm whose only peer was silent for so long gives way when the store is full.
    Duration overdue = std::chrono::minutes(33);
    bool global_addresses_only = false;  // private and loopback addresses are answered but not kept
};

}  // namespace spate::tracker
