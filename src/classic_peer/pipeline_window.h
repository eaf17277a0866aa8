// PipelineWindow: how many bytes to have asked for on one connection, so that it is never idle and its queue
// at the peer stays short. Doubles with each window's worth of replies as long as their delay stays near the
// shortest seen; halves when the delay says that requests only queue up. Pure; a value.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/time.h"

namespace spate::classic_peer {

class PipelineWindow {
  public:
    static constexpr std::uint64_t bytes_min = 16 * 1024;
    static constexpr std::uint64_t bytes_max = 512 * 1024;

    std::uint64_t bytes() const { return bytes_; }

    // A reply of `count` bytes came `delay` after its request was written.
    void replied(std::uint64_t count, Duration delay) {
        shortest_ = std::min(shortest_, delay);
        since_change_ += count;
        if (since_change_ < bytes_) return;
        since_change_ = 0;
        const Duration slack = std::chrono::milliseconds(20);
        if (delay <= 2 * shortest_ + slack)
            bytes_ = std::min(bytes_ * 2, bytes_max);
        else if (delay > 4 * shortest_ + 10 * slack)
            bytes_ = std::max(bytes_ / 2, bytes_min);
    }

  private:
    std::uint64_t bytes_ = bytes_min;
    std::uint64_t since_change_ = 0;
    Duration shortest_ = std::chrono::hours(1);
};

}  // namespace spate::classic_peer
