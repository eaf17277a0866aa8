#include "swarm/rate_meter.h"

#include <algorithm>
#include <cmath>

namespace spate::swarm {

namespace {
double seconds(Duration d) {
    return std::chrono::duration<double>(d).count();
}
}  // namespace

void RateMeter::add(std::uint64_t bytes, TimePoint now) {
    if (faded_ < 0) {
        started_ = at_ = now;
        faded_ = 0;
    }
    if (now > at_) {
        faded_ *= std::exp(-seconds(now - at_) / seconds(memory_));
        at_ = now;
    }
    faded_ += static_cast<double>(bytes);
}

std::uint64_t RateMeter::rate(TimePoint now) const {
    if (faded_ <= 0) return 0;
    constexpr Duration least = std::chrono::milliseconds(250);  // of seen time: one read is no rate
    const auto memory = seconds(memory_);
    const auto seen = seconds(std::max(now - started_, least));
    const auto left = faded_ * std::exp(-seconds(std::max(now - at_, Duration{})) / memory);
    return static_cast<std::uint64_t>(left / (memory * -std::expm1(-seen / memory)));
}

}  // namespace spate::swarm
