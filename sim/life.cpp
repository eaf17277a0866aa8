#include "sim/life.h"

#include <chrono>

namespace spate::sim {

ScheduledEvent Life::schedule_soon(io::Callback work) const {
    const auto delay = simulation_.between(Duration::zero(), std::chrono::microseconds(50));
    return schedule(simulation_.now() + delay, std::move(work));
}

}  // namespace spate::sim
