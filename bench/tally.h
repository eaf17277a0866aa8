// Tally: what a program does while it is in its own code, and not in the world below the seam: allocations
// and large copies (tally.cpp counts them by taking operator new, memcpy and memmove over), and calls through
// the seam. One thread; made for runs in the simulator, where equal programs give equal numbers.
#pragma once

#include <cstddef>
#include <cstdint>

namespace spate {

struct Tally {
    // Pages are copied by the simulated disk; what is copied of a stream comes in larger parts.
    static constexpr std::size_t small_copy = 4096;

    std::uint64_t reads = 0;
    std::uint64_t writes = 0;
    std::uint64_t wakeups = 0;  // handlers, timers, posted work and completions that ran
    std::uint64_t jobs = 0;
    std::uint64_t allocations = 0;
    std::uint64_t copied = 0;  // bytes, by copies of more than small_copy
};

// Whose code runs now: that program's until the end of the scope; null: the world's.
class Charge {
  public:
    explicit Charge(Tally* to) : before_(current) { current = to; }
    ~Charge() { current = before_; }
    Charge(const Charge&) = delete;
    Charge& operator=(const Charge&) = delete;

    static Tally* current;

  private:
    Tally* before_;
};

}  // namespace spate
