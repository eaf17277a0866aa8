// SharedRate: a rate limit that the network threads of several sessions keep together. A lock is taken when a
// session draws its next portion, at most once a millisecond, never for a block.
// Owner: SessionLedgers. Thread: any; a Part, its session's.
#pragma once

#include <mutex>

#include "swarm/rate_shares.h"

namespace spate::engine {

class SharedRate {
  public:
    SharedRate(std::uint64_t bytes_per_second, unsigned sessions) : shares_(bytes_per_second, sessions) {}

    void set_rate(std::uint64_t bytes_per_second, TimePoint now) {
        const std::lock_guard lock(mutex_);
        shares_.set_rate(bytes_per_second, now);
    }

    // That of session `number`; leaves it to the others at its end.
    class Part final : public swarm::RateSource {
      public:
        Part(SharedRate& rate, unsigned number) : rate_(rate), number_(number) {}
        Part(const Part&) = delete;
        Part& operator=(const Part&) = delete;
        ~Part() override {
            const std::lock_guard lock(rate_.mutex_);
            rate_.shares_.close(number_);
        }
        std::uint64_t draw(std::uint64_t room, TimePoint now) override {
            const std::lock_guard lock(rate_.mutex_);
            return rate_.shares_.draw(number_, room, now);
        }

      private:
        SharedRate& rate_;
        const unsigned number_;
    };

  private:
    std::mutex mutex_;
    swarm::RateShares shares_;
};

}  // namespace spate::engine
