// SimReactor: a process's turn of events in virtual time. Posts run in order, each in a turn of its own.
#pragma once

#include <deque>
#include <functional>
#include <memory>

#include "io/reactor.h"
#include "sim/life.h"

namespace spate::sim {

class SimReactor final : public io::Reactor {
  public:
    using WallClock = std::function<WallTime()>;
    SimReactor(std::shared_ptr<Life> life, WallClock wall_clock);

    TimePoint now() const override { return life_->simulation().now(); }
    WallTime wall_now() const override { return wall_clock_(); }
    std::unique_ptr<io::Timer> make_timer(io::Callback on_due) override;
    void post(io::Callback work) override;

  private:
    void run_first();
    std::shared_ptr<Life> life_;
    WallClock wall_clock_;
    std::deque<io::Callback> posted_;
    ScheduledEvent turn_;
};

}  // namespace spate::sim
