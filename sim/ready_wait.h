// ReadyWait: one armed wish to be told that something became possible (reading, writing). Fires once, on the
// owner's thread, and only if it is still possible then. Owner: the socket; destroying it means no call any
// more.
#pragma once

#include <functional>
#include <memory>

#include "sim/life.h"

namespace spate::sim {

class ReadyWait {
  public:
    // `notify` may destroy the ReadyWait.
    ReadyWait(std::shared_ptr<Life> life, std::function<bool()> ready, std::function<void()> notify)
        : life_(std::move(life)), ready_(std::move(ready)), notify_(std::move(notify)) {}

    void arm() {
        armed_ = true;
        check();
    }
    void disarm() {
        armed_ = false;
        event_.cancel();
    }
    // To be called whenever `ready` may have become true.
    void check() {
        if (armed_ && !event_.pending() && ready_()) event_ = life_->schedule_soon([this] { fire(); });
    }

  private:
    void fire() {
        if (!armed_ || !ready_()) return;
        armed_ = false;
        const auto notify = notify_;
        notify();
    }

    std::shared_ptr<Life> life_;
    std::function<bool()> ready_;
    std::function<void()> notify_;
    bool armed_ = false;
    ScheduledEvent event_;
};

}  // namespace spate::sim
