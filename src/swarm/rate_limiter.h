// RateLimiter: how many bytes may flow now: a bucket that fills at a rate, below a parent (peer -> torrent ->
// all). What flows is taken from every bucket up the chain. A bucket may go into debt by one read or write,
// which is paid back by waiting, so that the long-run rate is exact whatever the sizes are; it starts empty
// and holds at most burst_time of the rate.
//
// The root may be one of several that keep one rate together (RateShares): it fills itself from a RateSource
// then, and once that is empty not again before draw_pause.
//
// Arithmetic is in whole bytes and nanoseconds: no error adds up. Rates below 2^33 bytes a second; more is no
// limit. The parent must outlive its children. One thread.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/time.h"

namespace spate::swarm {

class RateSource {
  public:
    virtual ~RateSource() = default;
    // Bytes that may flow, at most `room`; they are taken from all others.
    virtual std::uint64_t draw(std::uint64_t room, TimePoint now) = 0;
};

class RateLimiter {
  public:
    static constexpr std::uint64_t unlimited = 0;
    static constexpr std::uint64_t rate_max = std::uint64_t{1} << 33;
    static constexpr Duration burst_time = std::chrono::milliseconds(500);
    static constexpr std::int64_t burst_bytes_min = 16 << 10;
    static constexpr Duration draw_pause = std::chrono::milliseconds(1);

    explicit RateLimiter(std::uint64_t bytes_per_second = unlimited, RateLimiter* parent = nullptr)
        : parent_(parent), rate_(limit_of(bytes_per_second)) {}
    // The rate is that of all who draw from there.
    RateLimiter(std::uint64_t bytes_per_second, RateSource& source)
        : source_(&source), rate_(limit_of(bytes_per_second)) {}

    void set_rate(std::uint64_t bytes_per_second, TimePoint now);
    std::uint64_t rate() const { return rate_; }
    // Of the whole chain.
    bool limits() const { return rate_ != unlimited || (parent_ != nullptr && parent_->limits()); }

    // Bytes that may flow now, at most `wanted`: the least of the chain. 0: wait until ready_at().
    std::uint64_t available(std::uint64_t wanted, TimePoint now);
    // They flowed; may be more than was available.
    void take(std::uint64_t bytes, TimePoint now);
    // They were taken, and will not flow after all.
    void give_back(std::uint64_t bytes);
    // When `bytes` (at most what a bucket can hold) will be available in the whole chain; with a source: not
    // before, maybe later.
    TimePoint ready_at(std::uint64_t bytes, TimePoint now);

  private:
    static constexpr std::uint64_t limit_of(std::uint64_t bytes_per_second) {
        return bytes_per_second >= rate_max ? unlimited : bytes_per_second;
    }
    void fill(TimePoint now);
    void draw(TimePoint now);
    std::int64_t depth() const;

    RateLimiter* parent_ = nullptr;
    RateSource* source_ = nullptr;
    std::uint64_t rate_;
    std::int64_t level_ = 0;                  // bytes; below 0: debt
    std::uint64_t rest_ = 0;                  // of a byte, in bytes/s x ns
    TimePoint filled_at_ = TimePoint::min();  // never yet
    bool source_empty_ = false;               // when it was asked last
};

}  // namespace spate::swarm
