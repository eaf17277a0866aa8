#include "tracker/check_turns.h"

#include <algorithm>
#include <tuple>

#include "base/assert.h"

namespace spate::tracker {

namespace {

Address range_of(const Address& source) {
    auto octets = source.octets();
    const std::size_t kept = source.is_v4() ? 3 : 6;
    std::fill(octets.begin() + static_cast<std::ptrdiff_t>(kept), octets.end(), std::uint8_t{0});
    if (source.is_v4()) return Address::v4(octets[0], octets[1], octets[2], 0);
    return Address::v6(octets);
}

}  // namespace

CheckTurns::Verdict CheckTurns::add(Id id, const Address& from) {
    SPATE_ASSERT(checks_.empty() || checks_.rbegin()->first < id);
    Verdict verdict;
    const auto source = from.unmapped().source();
    const auto range = range_of(source);
    const auto known = sources_.find(source);
    if (known != sources_.end() && known->second.waiting >= waiting_per_source_max) return verdict;
    if (checks_.size() - running_ >= waiting_max) {
        verdict.dropped = newest_of_largest(range);
        if (!verdict.dropped) return verdict;
        take_out(checks_.find(*verdict.dropped));
    }
    verdict.waits = true;
    ++sources_[source].waiting;
    ++ranges_[range].waiting;
    checks_.emplace_hint(checks_.end(), id, Check{source, range, false});
    return verdict;
}

std::optional<CheckTurns::Id> CheckTurns::newest_of_largest(const Address& range) const {
    const auto waiting = [](const auto& one) { return one.second.waiting; };
    const auto largest = std::ranges::max_element(ranges_, {}, waiting);
    const auto own = ranges_.find(range);
    if (largest->second.waiting <= (own == ranges_.end() ? 0 : own->second.waiting) + 1) return std::nullopt;
    for (auto check = checks_.rbegin(); check != checks_.rend(); ++check)
        if (!check->second.running && check->second.range == largest->first) return check->first;
    return std::nullopt;
}

std::optional<CheckTurns::Id> CheckTurns::next() {
    if (running_ >= running_max) return std::nullopt;
    auto best = checks_.end();
    std::tuple<std::uint64_t, std::uint64_t> fewest;
    for (auto check = checks_.begin(); check != checks_.end(); ++check) {
        if (check->second.running) continue;
        const auto& source = sources_.at(check->second.source);
        const auto& range = ranges_.at(check->second.range);
        if (source.running >= running_per_source_max || range.running >= running_per_range_max) continue;
        const std::tuple had{range.turns, source.turns};
        if (best != checks_.end() && had >= fewest) continue;
        best = check;
        fewest = had;
    }
    if (best == checks_.end()) return std::nullopt;
    best->second.running = true;
    ++running_;
    for (auto* share : {&sources_.at(best->second.source), &ranges_.at(best->second.range)}) {
        --share->waiting;
        ++share->running;
        ++share->turns;
    }
    return best->first;
}

void CheckTurns::over(Id id) {
    const auto check = checks_.find(id);
    SPATE_ASSERT(check != checks_.end());
    take_out(check);
    if (checks_.empty()) {
        sources_.clear();
        ranges_.clear();
    }
    forget(sources_);
    forget(ranges_);
}

void CheckTurns::take_out(std::map<Id, Check>::iterator check) {
    const bool running = check->second.running;
    if (running) --running_;
    for (auto* share : {&sources_.at(check->second.source), &ranges_.at(check->second.range)})
        --(running ? share->running : share->waiting);
    checks_.erase(check);
}

void CheckTurns::forget(Shares& shares) {
    if (shares.size() <= remembered_max) return;
    std::erase_if(shares, [](const auto& one) { return one.second.running + one.second.waiting == 0; });
}

}  // namespace spate::tracker
