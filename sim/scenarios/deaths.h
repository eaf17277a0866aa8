// Deaths in the middle of a host's disk work, which is where state is made and broken: its programs are
// killed or its power is cut before a drawn disk call takes effect, and everything starts again a moment
// later.
#pragma once

#include <chrono>
#include <cstdint>

#include "sim/testbed.h"

namespace spate::sim {

struct DeathLimits {
    std::uint64_t count = 6;    // fewer than this
    std::uint64_t calls = 500;  // among so many disk calls from now
    Duration pause = std::chrono::milliseconds(100);
};
void plan_deaths(Host& host, Rng& rng, const DeathLimits& limits);

// Deaths of the host beside faults of its machine, for 20 s; when it returns all is healed.
void run_through_deaths(Testbed& testbed, Host& host, const DeathLimits& limits);

}  // namespace spate::sim
