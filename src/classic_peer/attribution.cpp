#include "classic_peer/attribution.h"

namespace spate::classic_peer {

void Attribution::erase(ByteRange range) {
    auto it = runs_.upper_bound(range.start);
    if (it != runs_.begin() && std::prev(it)->second.end > range.start) --it;
    while (it != runs_.end() && it->first < range.end) {
        const std::uint64_t start = it->first;
        const Tail old = it->second;
        it = runs_.erase(it);
        if (start < range.start) runs_.emplace(start, Tail{range.start, old.source});
        if (old.end > range.end) it = runs_.emplace(range.end, Tail{old.end, old.source}).first;
    }
}

void Attribution::record(ByteRange range, SourceId source) {
    if (range.empty()) return;
    erase(range);
    if (source == unknown_source) return;
    auto next = runs_.lower_bound(range.start);
    if (next != runs_.begin()) {
        const auto before = std::prev(next);
        if (before->second.end == range.start && before->second.source == source) {
            range.start = before->first;
            runs_.erase(before);
        }
    }
    if (next != runs_.end() && next->first == range.end && next->second.source == source) {
        range.end = next->second.end;
        runs_.erase(next);
    }
    if (runs_.size() < runs_max_) runs_.emplace(range.start, Tail{range.end, source});
}

SourceId Attribution::supplier_of(std::uint64_t byte) const {
    return sole_supplier_of({byte, byte + 1});
}

SourceId Attribution::sole_supplier_of(ByteRange range) const {
    if (range.empty()) return unknown_source;
    auto it = runs_.upper_bound(range.start);
    if (it == runs_.begin()) return unknown_source;
    --it;
    const SourceId source = it->second.source;
    std::uint64_t covered =
        range.start;  // runs of one source may touch after others between them were replaced
    for (; it != runs_.end() && it->first <= covered && it->second.source == source; ++it) {
        if (it->second.end <= covered) return unknown_source;
        covered = it->second.end;
        if (covered >= range.end) return source;
    }
    return unknown_source;
}

std::vector<Attribution::Run> Attribution::runs() const {
    std::vector<Run> list;
    list.reserve(runs_.size());
    for (const auto& [start, tail] : runs_) list.push_back({{start, tail.end}, tail.source});
    return list;
}

}  // namespace spate::classic_peer
