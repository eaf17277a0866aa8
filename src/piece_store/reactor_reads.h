// ReactorReads: how much the network thread reads from files itself, where memory holds the bytes. That saves
// a job, its wake-ups and the way of the bytes from one core to another (docs/decisions/0005-piece-store.md),
// but what is to be done meanwhile waits. Limit: time_max of each slice, over all stores, and the read that
// goes beyond it. Owner: Resources. Thread: the reactor's.
#pragma once

#include <chrono>

#include "base/time.h"

namespace spate::piece_store {

class ReactorReads {
  public:
    static constexpr Duration slice = std::chrono::milliseconds(5);
    static constexpr Duration time_max = std::chrono::milliseconds(3);

    bool may_begin(TimePoint now) {
        if (now - slice_begun_ >= slice) {
            slice_begun_ = now;
            spent_ = {};
        }
        return spent_ < time_max;
    }
    void took(Duration time) { spent_ += time; }

  private:
    TimePoint slice_begun_{};
    Duration spent_{};
};

}  // namespace spate::piece_store
