#include "base/range_set.h"

#include <algorithm>

namespace spate {

void RangeSet::add(ByteRange range) {
    if (range.empty()) return;
    auto it = ranges_.upper_bound(range.start);
    if (it != ranges_.begin() && std::prev(it)->second >= range.start) --it;
    while (it != ranges_.end() && it->first <= range.end) {
        range.start = std::min(range.start, it->first);
        range.end = std::max(range.end, it->second);
        it = ranges_.erase(it);
    }
    ranges_.emplace(range.start, range.end);
}

void RangeSet::remove(ByteRange range) {
    if (range.empty()) return;
    auto it = ranges_.upper_bound(range.start);
    if (it != ranges_.begin() && std::prev(it)->second > range.start) --it;
    while (it != ranges_.end() && it->first < range.end) {
        const ByteRange old{it->first, it->second};
        it = ranges_.erase(it);
        if (old.start < range.start) ranges_.emplace(old.start, range.start);
        if (old.end > range.end) it = ranges_.emplace(range.end, old.end).first;
    }
}

bool RangeSet::contains(ByteRange range) const {
    return !first_gap(range);
}

bool RangeSet::intersects(ByteRange range) const {
    return first_in(range).has_value();
}

std::optional<ByteRange> RangeSet::first_in(ByteRange within) const {
    if (within.empty()) return std::nullopt;
    auto it = ranges_.upper_bound(within.start);
    if (it != ranges_.begin() && std::prev(it)->second > within.start) --it;
    if (it == ranges_.end() || it->first >= within.end) return std::nullopt;
    return ByteRange{std::max(it->first, within.start), std::min(it->second, within.end)};
}

std::optional<ByteRange> RangeSet::first_gap(ByteRange within) const {
    if (within.empty()) return std::nullopt;
    auto it = ranges_.upper_bound(within.start);
    if (it != ranges_.begin() && std::prev(it)->second > within.start) {
        within.start = std::prev(it)->second;
        if (within.empty()) return std::nullopt;
    }
    const std::uint64_t next = it == ranges_.end() ? within.end : it->first;
    return ByteRange{within.start, std::min(next, within.end)};
}

std::uint64_t RangeSet::total() const {
    std::uint64_t sum = 0;
    for (const auto& [start, end] : ranges_) sum += end - start;
    return sum;
}

std::vector<ByteRange> RangeSet::ranges() const {
    std::vector<ByteRange> list;
    list.reserve(ranges_.size());
    for (const auto& [start, end] : ranges_) list.push_back({start, end});
    return list;
}

}  // namespace spate
