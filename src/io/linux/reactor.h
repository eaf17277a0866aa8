// LinuxReactor: io::Reactor on Asio's loop. All timers share one alarm of Asio's, set to the earliest.
// Thread: the loop's, but for post(). Owner: Loop.
#pragma once

#include <memory>

#include "io/linux/timer_queue.h"
#include "io/reactor.h"

namespace spate::io_linux {

struct EventContext;

class LinuxReactor final : public io::Reactor {
  public:
    explicit LinuxReactor(EventContext& context);
    ~LinuxReactor() override;

    TimePoint now() const override;
    WallTime wall_now() const override;
    std::unique_ptr<io::Timer> make_timer(io::Callback on_due) override;
    void post(io::Callback work) override;

  private:
    class LinuxTimer;
    struct Alarm;
    void arm(TimerEntry& entry, TimePoint due);
    void set_alarm();
    void run_due();

    EventContext& context_;
    TimerQueue queue_;
    std::unique_ptr<Alarm> alarm_;
    TimePoint alarm_at_ = never;
};

}  // namespace spate::io_linux
