#include "io/loop_lag.h"

#include <algorithm>
#include <bit>

namespace spate::io {

// Below `steps` microseconds a bucket each; above, each doubling in `steps` equal parts.
std::size_t LagHistogram::bucket_of(std::uint64_t microseconds) {
    if (microseconds < steps) return static_cast<std::size_t>(microseconds);
    const auto doubling = static_cast<std::uint32_t>(std::bit_width(microseconds / steps));
    const auto place = (microseconds >> (doubling - 1)) - steps;
    return std::min<std::size_t>(buckets - 1,
                                 doubling * std::size_t{steps} + static_cast<std::size_t>(place));
}

// The largest value in it.
std::uint64_t LagHistogram::end_of(std::size_t bucket) {
    if (bucket < steps) return bucket;
    const auto doubling = bucket / steps;
    return ((steps + bucket % steps + 1) << (doubling - 1)) - 1;
}

void LagHistogram::add(Duration late) {
    const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(late).count();
    ++counts_[bucket_of(static_cast<std::uint64_t>(std::max<std::int64_t>(0, microseconds)))];
    ++count_;
    max_ = std::max(max_, late);
}

Duration LagHistogram::at(double part) const {
    const auto wanted = static_cast<double>(count_) * part;
    std::uint64_t below = 0;
    for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
        below += counts_[bucket];
        if (below > 0 && static_cast<double>(below) >= wanted)
            return bucket + 1 == buckets
                       ? max_
                       : std::min<Duration>(max_, std::chrono::microseconds(end_of(bucket)));
    }
    return max_;
}

LoopLag::LoopLag(Reactor& reactor)
    : reactor_(reactor), due_(reactor.now() + beat), timer_(reactor.make_timer([this] { on_beat(); })) {
    timer_->arm(due_);
}

void LoopLag::on_beat() {
    const TimePoint now = reactor_.now();
    for (; due_ <= now; due_ += beat) late_.add(now - due_);
    timer_->arm(due_);
}

}  // namespace spate::io
