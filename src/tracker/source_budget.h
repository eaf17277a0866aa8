// SourceBudget: how many requests a second each source (Address::source) may make, in a fixed amount of
// memory however many sources there are: two of 16,384 keyed cells stand for a source, and it is refused only
// when both are used up, so that a busy stranger in one of them costs nothing. This machine's own requests
// are free. Pure; owner: a front end.
#pragma once

#include <cstdint>
#include <vector>

#include "base/endpoint.h"
#include "base/time.h"
#include "hash/keyed_hash.h"

namespace spate::tracker {

class SourceBudget {
  public:
    // `burst`: so many at once after a rest. A rate of 0: no limit.
    SourceBudget(std::uint32_t per_second, std::uint32_t burst, const hash::SipKey& key);

    // Counts one request and says yes, or says no.
    bool take(const Address& from, TimePoint now);

  private:
    static constexpr std::size_t cell_count = 16'384;

    Duration cost_;   // of one request
    Duration ahead_;  // how far a cell may be ahead of the time
    hash::SipKey key_;
    std::vector<TimePoint> used_until_;
};

}  // namespace spate::tracker
