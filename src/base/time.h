// The two times. TimePoint is monotonic: the only one timers and cores know, given to them as an argument,
// starting at an arbitrary zero. WallTime is what a calendar shows (unix seconds): for tracker files and
// people, never for timers.
#pragma once

#include <chrono>
#include <cstdint>

namespace spate {

struct MonotonicClock {  // has no now(): time comes from io::Reactor only
    using rep = std::int64_t;
    using period = std::nano;
    using duration = std::chrono::nanoseconds;
    using time_point = std::chrono::time_point<MonotonicClock>;
    static constexpr bool is_steady = true;
};
using TimePoint = MonotonicClock::time_point;
using Duration = std::chrono::nanoseconds;
inline constexpr TimePoint never = TimePoint::max();

struct WallTime {
    std::int64_t unix_seconds = 0;
    auto operator<=>(const WallTime&) const = default;
};

}  // namespace spate
