// ReactorReads: how much the network thread reads from files itself, where memory holds the bytes. That saves
// a job, its wake-ups and the way of the bytes from one core to another (docs/decisions/0005-piece-store.md),
// but what is to be done meanwhile waits. Limits, over all stores: time_max and bytes_max of each slice; what
// a read takes beyond that is taken from the next slices. Owner: Resources. Thread: the reactor's.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "base/time.h"

namespace spate::piece_store {

class ReactorReads {
  public:
    static constexpr Duration slice = std::chrono::milliseconds(5);
    static constexpr Duration time_max = std::chrono::milliseconds(3);
    static constexpr std::size_t bytes_max = 8 << 20;

    bool may_begin(TimePoint now) {
        if (now - slice_begun_ >= slice) {
            const auto slices = (now - slice_begun_) / slice;
            spent_ -= std::min(spent_, time_max * slices);
            bytes_ = 0;
            slice_begun_ = now;
        }
        return spent_ < time_max && bytes_ < bytes_max;
    }
    void took(Duration time, std::size_t bytes) {
        spent_ += time;
        bytes_ += bytes;
    }

  private:
    TimePoint slice_begun_{};
    Duration spent_{};
    std::size_t bytes_ = 0;
};

}  // namespace spate::piece_store
