#include "tracker/source_budget.h"

#include <algorithm>

namespace spate::tracker {

SourceBudget::SourceBudget(std::uint32_t per_second, std::uint32_t burst, const hash::SipKey& key)
    : cost_(per_second == 0 ? Duration(0) : Duration(std::chrono::seconds(1)) / per_second),
      ahead_(cost_ * burst),
      key_(key) {
    if (per_second > 0) used_until_.resize(cell_count);
}

bool SourceBudget::take(const Address& from, TimePoint now) {
    if (used_until_.empty() || from.is_loopback()) return true;
    const auto source = from.source();
    const auto hash = hash::siphash(key_, source.octets());
    TimePoint* cells[] = {&used_until_[hash % cell_count], &used_until_[(hash >> 32) % cell_count]};
    bool allowed = false;
    for (auto* cell : cells) {
        const auto until = std::max(*cell, now) + cost_;
        if (until > now + ahead_) continue;
        *cell = until;
        allowed = true;
    }
    return allowed;
}

}  // namespace spate::tracker
