#include "sim/link.h"

#include <algorithm>

namespace spate::sim {

void LinkSettings::clear_faults() {
    *this = {.delay_min = delay_min,
             .delay_max = delay_max,
             .bytes_per_second = bytes_per_second,
             .queue_bytes_max = queue_bytes_max};
}

TimePoint Throttle::pass(TimePoint at, std::uint64_t bytes, std::uint64_t bytes_per_second) {
    if (bytes_per_second == 0) return at;
    const auto length = Duration(static_cast<std::int64_t>(bytes * 1'000'000'000 / bytes_per_second));
    busy_until_ = std::max(at, busy_until_) + length;
    return busy_until_;
}

std::uint64_t Throttle::queued(TimePoint now, std::uint64_t bytes_per_second) const {
    if (bytes_per_second == 0 || busy_until_ <= now) return 0;
    const auto microseconds = static_cast<std::uint64_t>((busy_until_ - now).count()) / 1000;
    return microseconds * bytes_per_second / 1'000'000;
}

}  // namespace spate::sim
