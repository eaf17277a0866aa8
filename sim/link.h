// Links: what the way from one node to another does to bytes. All rates are drawn per event from the run's
// seed.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/time.h"
#include "sim/simulation.h"

namespace spate::sim {

struct LinkSettings {
    Duration delay_min = std::chrono::milliseconds(1);
    Duration delay_max = std::chrono::milliseconds(5);
    std::uint64_t bytes_per_second = 0;       // 0: no limit
    std::uint64_t queue_bytes_max = 262'144;  // datagrams that would wait behind more are dropped
    std::size_t datagram_size_max = 0;        // larger ones are dropped (a path MTU hole); 0: no limit
    PerMillion loss = 0;                      // datagram: gone; segment of a stream: late by a retransmission
    PerMillion duplicate = 0;                 // datagrams
    PerMillion reorder = 0;                   // datagrams: delayed by up to ten delays
    PerMillion corrupt = 0;  // a bit flipped, in datagrams and in streams (as if the checksum had missed it)
    PerMillion reset = 0;    // per segment: the connection is reset on both sides
    PerMillion refuse = 0;   // per connect: ECONNREFUSED
    PerMillion blackhole = 0;    // per connect: no answer, ever
    std::uint64_t slowdown = 1;  // delays times, bandwidth divided by this
    std::uint64_t reset_at_byte =
        0;  // every stream is reset when it has carried so many bytes this way; 0: never

    // All but delay, bandwidth and queue.
    void clear_faults();
};

// A rate limit with a queue: when would the last of these bytes have passed?
class Throttle {
  public:
    TimePoint pass(TimePoint at, std::uint64_t bytes, std::uint64_t bytes_per_second);
    // How many bytes wait in it at `now`.
    std::uint64_t queued(TimePoint now, std::uint64_t bytes_per_second) const;

  private:
    TimePoint busy_until_ = TimePoint::min();
};

}  // namespace spate::sim
