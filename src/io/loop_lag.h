// LoopLag: how late a reactor's thread is. A timer of its own is due every `beat`; how much later it runs is
// what an event of that moment had to wait. Beats that a stall swallowed count with what each of them would
// have waited, so that a long stall is not one value among many. Costs a wake-up a beat. Limits: a histogram
// of fixed size, a value's error at most an eighth, the last bucket open. Owner: who wants to know. Thread:
// the reactor's.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>

#include "io/reactor.h"

namespace spate::io {

class LagHistogram {
  public:
    void add(Duration late);
    std::uint64_t count() const { return count_; }
    // What that part of all values (0 to 1) does not exceed.
    Duration at(double part) const;
    Duration max() const { return max_; }

  private:
    static constexpr std::uint32_t steps = 8;  // buckets to a doubling
    static constexpr std::size_t buckets = std::size_t{steps} * 28;
    static std::size_t bucket_of(std::uint64_t microseconds);
    static std::uint64_t end_of(std::size_t bucket);

    std::array<std::uint64_t, buckets> counts_{};
    std::uint64_t count_ = 0;
    Duration max_{};
};

class LoopLag {
  public:
    static constexpr Duration beat = std::chrono::milliseconds(2);

    explicit LoopLag(Reactor& reactor);
    LoopLag(const LoopLag&) = delete;
    LoopLag& operator=(const LoopLag&) = delete;

    const LagHistogram& late() const { return late_; }

  private:
    void on_beat();

    Reactor& reactor_;
    LagHistogram late_;
    TimePoint due_;
    std::unique_ptr<Timer> timer_;
};

}  // namespace spate::io
