#include "swarm/rate_shares.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace spate::swarm {
namespace {
constexpr std::uint64_t account_bytes_min = 256;
}

RateShares::RateShares(std::uint64_t bytes_per_second, unsigned accounts)
    : inflow_(bytes_per_second), accounts_(accounts) {
    SPATE_ASSERT(accounts > 0);
}

// A quarter of a second in all accounts together.
std::uint64_t RateShares::account_max() const {
    return std::max(account_bytes_min, inflow_.rate() / 4 / accounts_.size());
}

void RateShares::set_rate(std::uint64_t bytes_per_second, TimePoint now) {
    inflow_.set_rate(bytes_per_second, now);
    for (Account& account : accounts_) account.level = std::min(account.level, account_max());
}

void RateShares::close(unsigned account) {
    accounts_[account].open = false;
    returned_ += std::exchange(accounts_[account].level, 0);
}

std::uint64_t RateShares::draw(unsigned account, std::uint64_t room, TimePoint now) {
    if (inflow_.rate() == RateLimiter::unlimited) return room;
    deal(now);
    Account& own = accounts_[account];
    std::uint64_t drawn = std::min(room, own.level);
    own.level -= drawn;
    // What is more than what the dealing left over is there because all others are full.
    const std::uint64_t spare = inflow_.available(UINT64_MAX, now);
    if (spare < accounts_.size()) return drawn;
    const std::uint64_t more = std::min(room - drawn, spare);
    inflow_.take(more, now);
    return drawn + more;
}

void RateShares::deal(TimePoint now) {
    const std::uint64_t most = account_max();
    std::uint64_t left = inflow_.available(UINT64_MAX, now) + returned_;
    const std::uint64_t before = left;
    for (;;) {
        const std::uint64_t dealt = deal_to_those_below(most, left);
        if (dealt == 0) break;
        left -= dealt;
    }
    const std::uint64_t dealt = before - left;
    const std::uint64_t of_returned = std::min(dealt, returned_);
    returned_ -= of_returned;
    inflow_.take(dealt - of_returned, now);
}

// One round; the bytes it took. 0: all are full, or there are fewer bytes than accounts.
std::uint64_t RateShares::deal_to_those_below(std::uint64_t most, std::uint64_t bytes) {
    const auto takes = [&](const Account& account) { return account.open && account.level < most; };
    const auto takers = static_cast<std::uint64_t>(std::ranges::count_if(accounts_, takes));
    if (takers == 0 || bytes < takers) return 0;
    std::uint64_t dealt = 0;
    for (Account& account : accounts_) {
        if (!takes(account)) continue;
        const std::uint64_t part = std::min(bytes / takers, most - account.level);
        account.level += part;
        dealt += part;
    }
    return dealt;
}

}  // namespace spate::swarm
