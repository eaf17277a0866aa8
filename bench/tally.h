// Tally: what a program does while it is in its own code, and not in the world below the seam: allocations
// and large copies (tally.cpp counts them by taking operator new, memcpy and memmove over), and calls through
// the seam. One thread; made for runs in the simulator, where equal programs give equal numbers.
#pragma once

#include <cstddef>
#include <cstdint>

namespace spate {

struct Tally {
    static constexpr std::size_t small_copy = 1024;  // headers and messages are not what is counted

    std::uint64_t reads = 0;   // of streams
    std::uint64_t writes = 0;  // of streams
    std::uint64_t file_reads = 0;
    std::uint64_t file_writes = 0;
    std::uint64_t syncs = 0;
    std::uint64_t file_others = 0;  // opening, asking for size and time
    std::uint64_t wakeups = 0;      // handlers, timers, posted work and completions that ran
    std::uint64_t jobs = 0;
    std::uint64_t allocations = 0;
    std::uint64_t copied = 0;  // bytes, by copies of more than small_copy
};

// Whose code runs now: that program's until the end of the scope; null: the world's.
class Charge {
  public:
    explicit Charge(Tally* to) : before_(current) { charge(to); }
    ~Charge() { charge(before_); }
    Charge(const Charge&) = delete;
    Charge& operator=(const Charge&) = delete;

    static Tally* current;

  private:
    // Under callgrind only a program's own instructions are collected.
    static void charge(Tally* to);

    Tally* before_;
};

}  // namespace spate
