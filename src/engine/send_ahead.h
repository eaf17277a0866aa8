// SendAhead: what a peer is sent ahead of its link, in our output and as much again in the system's: what it
// takes in output_time. More of it, and what is told to it waits, and cancels come too late.
// Owner: UploadLink.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace spate::engine {

class SendAhead {
  public:
    static constexpr std::size_t output_min = 64 << 10;
    static constexpr std::size_t output_max = 1 << 20;
    static constexpr Duration output_time = std::chrono::milliseconds(50);

    std::size_t bytes() const { return bytes_; }
    // Small changes of the rate change nothing: false.
    bool adjust(std::uint64_t bytes_per_second) {
        const double seconds = std::chrono::duration<double>(output_time).count();
        const auto takes = static_cast<std::size_t>(static_cast<double>(bytes_per_second) * seconds);
        const std::size_t most = std::clamp(takes, output_min, output_max);
        if (most < bytes_ * 2 && most * 2 > bytes_) return false;
        bytes_ = most;
        return true;
    }

  private:
    std::size_t bytes_ = 128 << 10;
};

}  // namespace spate::engine
