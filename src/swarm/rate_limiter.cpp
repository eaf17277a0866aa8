#include "swarm/rate_limiter.h"

#include <algorithm>

#include "base/assert.h"

namespace spate::swarm {

namespace {
constexpr std::uint64_t second = 1'000'000'000;
}

std::int64_t RateLimiter::depth() const {
    static_assert(burst_time == std::chrono::milliseconds(500));
    // Of one that draws, the rest of the burst is at its source.
    return std::max(burst_bytes_min, static_cast<std::int64_t>(source_ == nullptr ? rate_ / 2 : rate_ / 64));
}

void RateLimiter::set_rate(std::uint64_t bytes_per_second, TimePoint now) {
    fill(now);
    rate_ = limit_of(bytes_per_second);
    rest_ = 0;
    level_ = rate_ == unlimited ? 0 : std::min(level_, depth());
}

void RateLimiter::fill(TimePoint now) {
    SPATE_ASSERT(rate_ < rate_max);
    if (source_ != nullptr) return draw(now);
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

void RateLimiter::draw(TimePoint now) {
    if (rate_ == unlimited || level_ >= depth() / 2) return;
    // Where there was all that fitted there may be more.
    if (source_empty_ && now - filled_at_ < draw_pause) return;
    filled_at_ = now;
    const auto room = static_cast<std::uint64_t>(depth() - level_);
    const auto drawn = source_->draw(room, now);
    level_ += static_cast<std::int64_t>(drawn);
    source_empty_ = drawn < room;
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

void RateLimiter::give_back(std::uint64_t bytes) {
    if (rate_ != unlimited) level_ = std::min(level_ + static_cast<std::int64_t>(bytes), depth());
    if (parent_ != nullptr) parent_->give_back(bytes);
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
            if (source_ != nullptr) at = std::max(at, filled_at_ + draw_pause);
        }
    }
    return parent_ == nullptr ? at : std::max(at, parent_->ready_at(bytes, now));
}

}  // namespace spate::swarm
