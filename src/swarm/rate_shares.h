// RateShares: one rate that several RateLimiters keep together, each a network thread's. What flows in is
// dealt to the accounts that are not full, in equal parts: who asks often gets no more than who asks rarely,
// and what an idle one does not use the others have. A byte is in one place only, so the sum is exact.
// Limits: after a pause at most three quarters of a second flow at once, the limiters' own 1/64 s not
// counted. Thread: one at a time.
#pragma once

#include <vector>

#include "swarm/rate_limiter.h"

namespace spate::swarm {

class RateShares {
  public:
    RateShares(std::uint64_t bytes_per_second, unsigned accounts);

    void set_rate(std::uint64_t bytes_per_second, TimePoint now);
    // At most `room` bytes of what is dealt to that account.
    std::uint64_t draw(unsigned account, std::uint64_t room, TimePoint now);
    // It draws no more: what it has and would get is the others'.
    void close(unsigned account);

  private:
    struct Account {
        std::uint64_t level = 0;
        bool open = true;
    };
    std::uint64_t account_max() const;
    void deal(TimePoint now);
    std::uint64_t deal_to_those_below(std::uint64_t most, std::uint64_t bytes);

    RateLimiter inflow_;  // what is not dealt yet: all are full, or it is fewer bytes than accounts
    std::uint64_t returned_ = 0;
    std::vector<Account> accounts_;
};

}  // namespace spate::swarm
