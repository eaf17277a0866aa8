#include "swarm/eviction.h"

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "swarm/address_kind.h"

namespace spate::swarm {
namespace {

using Candidates = std::span<const EvictionCandidate>;

auto use_and_direction(const EvictionCandidate& one) {
    return std::pair(one.use, one.dialed);
}

// What it must move to be busy.
std::uint64_t busy_from(Candidates all) {
    std::uint64_t total = 0;
    for (const EvictionCandidate& one : all) total += one.rate;
    return std::max(busy_rate, total / std::max<std::size_t>(all.size(), 1) / busy_share);
}

bool is_fresh(const EvictionCandidate& one) {
    return one.use <= PeerUse::idle;
}

bool is_surplus(const EvictionCandidate& one, TimePoint now) {
    if (one.use == PeerUse::silent) return now - one.since >= silent_time;
    return one.use == PeerUse::idle && now - one.since >= idle_time;
}

// Of the range that has most of them, the oldest. some: indices, at least one.
std::size_t oldest_of_largest_range(Candidates all, std::vector<std::size_t>& some) {
    std::ranges::sort(some, {}, [&](std::size_t i) { return std::tuple(all[i].range, all[i].since, i); });
    std::size_t found = some.front();
    std::ptrdiff_t most = 0;
    for (auto from = some.begin(); from != some.end();) {
        const auto to = std::find_if(from, some.end(),
                                     [&](std::size_t i) { return !(all[i].range == all[*from].range); });
        const bool is_older = to - from == most && all[*from].since < all[found].since;
        if (to - from > most || is_older) {
            most = to - from;
            found = *from;
        }
        from = to;
    }
    return found;
}

// Of those that are not busy.
template <class May>
std::optional<std::size_t> least_useful(Candidates all, const May& may) {
    const std::uint64_t busy = busy_from(all);
    std::vector<std::size_t> least;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].rate >= busy || !may(all[i])) continue;
        if (!least.empty() && use_and_direction(all[i]) < use_and_direction(all[least.front()]))
            least.clear();
        if (least.empty() || use_and_direction(all[i]) == use_and_direction(all[least.front()]))
            least.push_back(i);
    }
    if (least.empty()) return std::nullopt;
    return oldest_of_largest_range(all, least);
}

// The range of more than half of them.
std::optional<Address> crowd(Candidates all) {
    if (all.empty()) return std::nullopt;
    std::vector<Address> ranges;
    for (const EvictionCandidate& one : all) ranges.push_back(one.range);
    const auto middle = ranges.begin() + static_cast<std::ptrdiff_t>(ranges.size() / 2);
    std::ranges::nth_element(ranges, middle);
    const auto of_it = static_cast<std::size_t>(std::ranges::count(ranges, *middle));
    return 2 * of_it > all.size() ? std::optional(*middle) : std::nullopt;
}

std::optional<std::size_t> slowest_that_came(Candidates all, const Address& range) {
    std::optional<std::size_t> slowest;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].dialed || !(all[i].range == range)) continue;
        if (!slowest || all[i].rate < all[*slowest].rate) slowest = i;
    }
    return slowest;
}

}  // namespace

std::optional<std::size_t> surplus(Candidates all, TimePoint now) {
    return least_useful(all, [&](const EvictionCandidate& one) { return is_surplus(one, now); });
}

std::optional<std::size_t> gives_way(Candidates all, const Address& newcomer, TimePoint now) {
    if (const auto found = surplus(all, now)) return found;
    const std::uint64_t busy = busy_from(all);
    const auto fresh = static_cast<std::size_t>(std::ranges::count_if(
        all, [&](const EvictionCandidate& one) { return is_fresh(one) && one.rate < busy; }));
    if (fresh * fresh_share > all.size()) return least_useful(all, is_fresh);
    const auto range = crowd(all);
    if (!range || *range == range_of(newcomer)) return std::nullopt;
    const auto idlest = least_useful(all, [&](const EvictionCandidate& one) { return one.range == *range; });
    return idlest || fresh > 0 ? idlest : slowest_that_came(all, *range);
}

std::optional<std::size_t> gives_way_to_dialed(Candidates all, std::size_t stay) {
    const auto came = static_cast<std::size_t>(
        std::ranges::count_if(all, [](const EvictionCandidate& one) { return !one.dialed; }));
    if (came <= stay) return std::nullopt;
    return least_useful(all, [](const EvictionCandidate& one) { return !one.dialed; });
}

}  // namespace spate::swarm
