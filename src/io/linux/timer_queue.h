// TimerQueue: the deadlines of one reactor, earliest first, those of one instant in the order they were
// armed. A binary heap whose entries know their place: moving or removing one is O(log n) and allocates
// nothing, for each of thousands of connections moves a deadline with every message. No clock in here; the
// reactor says what time it is. Size: one entry a living, armed timer.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/time.h"
#include "io/reactor.h"

namespace spate::io_linux {

struct TimerEntry : std::enable_shared_from_this<TimerEntry> {
    static constexpr std::size_t nowhere = SIZE_MAX;
    explicit TimerEntry(io::Callback callback) : on_due(std::move(callback)) {}

    io::Callback on_due;
    TimePoint due{};
    std::uint64_t order = 0;
    std::size_t place = nowhere;  // in the heap
};

class TimerQueue {
  public:
    // The entry stays the caller's and must be disarmed before it goes.
    void arm(TimerEntry& entry, TimePoint due);
    void disarm(TimerEntry& entry);
    // The earliest deadline, `never` when there is none.
    TimePoint next_due() const;
    // Takes out the earliest entry if it is due at `now` and was armed before `mark`; or nothing.
    std::shared_ptr<TimerEntry> take_due(TimePoint now, std::uint64_t mark);
    // Entries armed from now on are not "before" this mark.
    std::uint64_t mark() const { return next_order_; }

  private:
    void put(std::size_t place, TimerEntry* entry);
    void rise(std::size_t place);
    void sink(std::size_t place);

    std::vector<TimerEntry*> heap_;
    std::uint64_t next_order_ = 0;
};

}  // namespace spate::io_linux
