// Backoff: the growing pause before something that failed is tried again, with jitter so that many who failed
// together do not come back together. A value; pure.
#pragma once

#include <algorithm>
#include <chrono>

#include "base/rng.h"
#include "base/time.h"

namespace spate::classic_peer {

struct BackoffLimits {
    Duration first = std::chrono::milliseconds(500);
    Duration most = std::chrono::seconds(30);
};

class Backoff {
  public:
    explicit Backoff(BackoffLimits limits) : limits_(limits) {}

    // The pause after one more failure: between half and the whole of first * 2^failures, at most `most`.
    Duration next(Rng& rng) {
        Duration whole = limits_.first;
        for (int i = 0; i < failures_ && whole < limits_.most; ++i) whole *= 2;
        whole = std::min(whole, limits_.most);
        ++failures_;
        const auto half = static_cast<std::uint64_t>(whole.count() / 2);
        return Duration(static_cast<Duration::rep>(half + rng.below(half + 1)));
    }
    void reset() { failures_ = 0; }
    int failures() const { return failures_; }

  private:
    BackoffLimits limits_;
    int failures_ = 0;
};

}  // namespace spate::classic_peer
