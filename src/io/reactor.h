// Reactor and Timer: one thread's turn of events. Everything a network thread owns is called on its reactor's
// thread. Real: io/linux (Boost.Asio). Simulated: sim/ (virtual time). Callbacks never run inside the call
// that asked for them.
#pragma once

#include <functional>
#include <memory>

#include "base/time.h"

namespace spate::io {

using Callback = std::move_only_function<void()>;

// One deadline that can be moved. Owner: whoever made it; destroying or disarming it means the callback does
// not run. May be re-armed or destroyed from inside its own callback.
class Timer {
  public:
    virtual ~Timer() = default;
    // Runs the callback once, at `due` or as soon after as the thread is free; replaces an earlier deadline.
    // Timers run in order of `due`, those of one instant in the order they were armed. With `never` it stays
    // armed and does not run.
    virtual void arm(TimePoint due) = 0;
    virtual void disarm() = 0;
    virtual bool armed() const = 0;
};

class Reactor {
  public:
    virtual ~Reactor() = default;
    // Monotonic; may stand still within one turn. Any thread; in a pool job, what its disk calls took has
    // passed.
    virtual TimePoint now() const = 0;
    // The calendar's time; may jump. For tracker files and people.
    virtual WallTime wall_now() const = 0;
    // `on_due` is kept for the timer's life and may run many times, once an arm().
    virtual std::unique_ptr<Timer> make_timer(Callback on_due) = 0;
    // Runs `work` in a later turn on the reactor's thread, in the order posted (by one thread). Any thread;
    // of the other members only now().
    virtual void post(Callback work) = 0;
};

}  // namespace spate::io
