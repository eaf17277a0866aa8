// RateMeter: bytes a second, averaged over the last seconds with a weight that fades. Exact from the first
// byte on: the little it has seen at the start is not taken for a slow rate. A value of 32 bytes; pure.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/time.h"

namespace spate::swarm {

class RateMeter {
  public:
    static constexpr Duration default_memory = std::chrono::seconds(5);
    explicit RateMeter(Duration memory = default_memory) : memory_(memory) {}

    void add(std::uint64_t bytes, TimePoint now);
    // Bytes a second; 0 before the first byte.
    std::uint64_t rate(TimePoint now) const;

  private:
    Duration memory_;
    TimePoint started_{};
    TimePoint at_{};
    double faded_ = -1;  // bytes, faded to `at_`; below 0: nothing came yet
};

}  // namespace spate::swarm
