#include "swarm/rate_limiter.h"

#include <algorithm>

#include "base/assert.h"

namespace spate::swarm {

namespace {
constexpr std::uint64_t second = 1'000'000'000;
}

std::int64_t RateLimiter::depth() const {
    static_assert(burst_time == std::chrono::milliseconds(500));
    return std::max(burst_bytes_min, static_cast<std::int64_t>(rate_ / 2));
}

void RateLimiter::set_rate(std::uint64_t bytes_per_second, TimePoint now) {
    fill(now);
    rate_ = bytes_per_second >= rate_max ? unlimited : bytes_per_second;
    rest_ = 0;
    level_ = rate_ == unlimited ? 0 : std::min(level_, depth());
}

void RateLimiter::fill(TimePoint now) {
    SPATE_ASSERT(rate_ < rate_max);
    if (filled_at_ == TimePoint::min()) filled_at_ = now;
    if (now <= filled_at_) return;
    const auto elapsed = static_cast<std::uint64_t>((now - filled_at_).count());
    filled_at_ = now;
    if (rate_ == unlimited) return;
    const auto whole = std::min(elapsed / second, std::uint64_t{1} << 20);  // more than any debt
    const auto parts = rate_ * (elapsed % second) + rest_;
    level_ += static_cast<std::int64_t>(whole * rate_ + parts / second);
    rest_ = parts % second;
    if (level_ < depth()) return;
    level_ = depth();
    rest_ = 0;
}

std::uint64_t RateLimiter::available(std::uint64_t wanted, TimePoint now) {
    if (rate_ != unlimited) {
        fill(now);
        wanted = std::min(wanted, static_cast<std::uint64_t>(std::max<std::int64_t>(level_, 0)));
    }
    return parent_ == nullptr || wanted == 0 ? wanted : parent_->available(wanted, now);
}

void RateLimiter::take(std::uint64_t bytes, TimePoint now) {
    if (rate_ != unlimited) {
        fill(now);
        level_ -= static_cast<std::int64_t>(bytes);
    }
    if (parent_ != nullptr) parent_->take(bytes, now);
}

TimePoint RateLimiter::ready_at(std::uint64_t bytes, TimePoint now) {
    auto at = now;
    if (rate_ != unlimited) {
        fill(now);
        const auto wanted = std::min(static_cast<std::int64_t>(std::min(bytes, rate_max)), depth());
        if (wanted > level_) {
            const auto lacking = static_cast<std::uint64_t>(wanted - level_);
            const auto parts = (lacking % rate_) * second;
            const auto rounded = parts / rate_ + (parts % rate_ != 0);
            at += Duration(static_cast<Duration::rep>(lacking / rate_ * second + rounded));
        }
    }
    return parent_ == nullptr ? at : std::max(at, parent_->ready_at(bytes, now));
}

}  // namespace spate::swarm
