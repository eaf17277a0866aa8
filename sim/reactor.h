// SimReactor: a process's turn of events in virtual time. Posts run in order, each in a turn of its own; so
// do timers, by deadline and then by the order they were armed in.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "io/reactor.h"
#include "sim/life.h"

namespace spate::sim {

// The armed timers of one process; the first of them holds an event.
class TimerQueue {
  public:
    using Key = std::pair<TimePoint, std::uint64_t>;
    using Fire = std::function<void()>;

    explicit TimerQueue(std::shared_ptr<Life> life) : life_(std::move(life)) {}
    Key add(TimePoint due, Fire fire);
    void remove(const Key& key);

  private:
    void expect_first();
    void fire_first();

    std::shared_ptr<Life> life_;
    std::map<Key, Fire> timers_;
    std::uint64_t armed_count_ = 0;
    TimePoint expected_ = never;
    ScheduledEvent event_;
};

class SimReactor final : public io::Reactor {
  public:
    using WallClock = std::function<WallTime()>;
    SimReactor(std::shared_ptr<Life> life, WallClock wall_clock);

    TimePoint now() const override { return life_->now(); }
    WallTime wall_now() const override { return wall_clock_(); }
    std::unique_ptr<io::Timer> make_timer(io::Callback on_due) override;
    void post(io::Callback work) override;

  private:
    void run_first();
    std::shared_ptr<Life> life_;
    WallClock wall_clock_;
    std::shared_ptr<TimerQueue> timers_;
    std::deque<io::Callback> posted_;
    ScheduledEvent turn_;
};

}  // namespace spate::sim
