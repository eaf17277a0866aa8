#include "classic_peer/download.h"

#include <algorithm>
#include <tuple>

#include "base/assert.h"

namespace spate::classic_peer {
namespace {

// The parts of the set inside `within`, in order.
std::vector<ByteRange> parts_in(const RangeSet& set, ByteRange within) {
    std::vector<ByteRange> parts;
    while (const auto part = set.first_in(within)) {
        parts.push_back(*part);
        within.start = part->end;
    }
    return parts;
}

}  // namespace

Download::Download(std::uint64_t size, const RangeSet& have, DownloadLimits limits)
    : size_(size), limits_(limits) {
    SPATE_ASSERT(limits_.sources < unknown_source);
    missing_.add({0, size});
    for (const ByteRange& range : have.ranges()) missing_.remove(range);
    unassigned_ = missing_;
}

std::optional<SourceId> Download::find(const HostPort& peer) const {
    const auto it = ids_.find(peer);
    return it == ids_.end() ? std::nullopt : std::optional(it->second);
}

void Download::set_claims(std::span<const SourceClaim> claims) {
    for (Source& source : sources_) {
        source.surely.clear();
        source.perhaps.clear();
    }
    for (const SourceClaim& claim : claims) {
        auto id = find(claim.peer);
        if (!id) {
            if (sources_.size() >= limits_.sources) continue;
            id = static_cast<SourceId>(sources_.size());
            sources_.push_back(
                Source{claim.peer, {}, {}, {}, {}, Backoff(limits_.backoff), {}, {}, 0, 0, 0, 0, false});
            ids_.emplace(claim.peer, *id);
        }
        Source& source = sources_[*id];
        for (const ByteRange& range : claim.surely.ranges()) source.surely.add(range);
        for (const ByteRange& range : claim.perhaps.ranges()) source.perhaps.add(range);
        source.updated = std::max(source.updated, claim.updated);
    }
    recount_claimed();
}

void Download::set_capacity(SourceId source, SourceCapacity capacity) {
    sources_[source].capacity = capacity;
}

void Download::ban(SourceId source) {
    sources_[source].banned = true;
    recount_claimed();
}

void Download::recount_claimed() {
    claimed_.clear();
    for (const Source& source : sources_)
        if (!source.banned)
            for (const ByteRange& range : source.surely.ranges()) claimed_.add(range);
}

bool Download::ready(const Source& source, TimePoint now) const {
    return !source.banned && source.retry_at <= now && source.fetches < source.capacity.fetches &&
           source.bytes < source.capacity.bytes && (source.fetches > 0 || busy_ < limits_.busy_sources) &&
           !(source.surely.empty() && source.perhaps.empty());
}

std::vector<SourceId> Download::ready_in_order(TimePoint now) const {
    std::vector<SourceId> order;
    for (std::size_t i = 0; i < sources_.size(); ++i)
        if (ready(sources_[i], now)) order.push_back(static_cast<SourceId>(i));
    std::ranges::sort(order, [this](SourceId a, SourceId b) {
        const Source& left = sources_[a];
        const Source& right = sources_[b];
        return std::tuple(left.bytes, right.updated, a) < std::tuple(right.bytes, left.updated, b);
    });
    return order;
}

std::optional<ByteRange> Download::first_wanted(const RangeSet& from, const Source& source,
                                                const RangeSet& claims) const {
    for (std::uint64_t position = 0; position < size_;) {
        const auto claimed = claims.first_in({position, size_});
        if (!claimed) return std::nullopt;
        const auto wanted = from.first_in(*claimed);
        if (!wanted) {
            position = claimed->end;
            continue;
        }
        ByteRange result = *wanted;
        for (bool moved = true; moved && !result.empty();) {
            moved = false;
            for (const Refusal& refusal : source.refusals) {
                if (refusal.range.start <= result.start && result.start < refusal.range.end) {
                    result.start = refusal.range.end;
                    moved = true;
                } else if (refusal.range.start > result.start) {
                    result.end = std::min(result.end, refusal.range.start);
                }
            }
        }
        if (!result.empty()) return result;
        position = std::max(result.start, wanted->end);
    }
    return std::nullopt;
}

Fetch Download::start(SourceId id, ByteRange range, TimePoint now, FetchId repeats) {
    Source& source = sources_[id];
    if (source.fetches++ == 0) ++busy_;
    source.bytes += range.size();
    unassigned_.remove(range);
    const FetchId fetch = next_id_++;
    under_way_.emplace(fetch, Under{id, range, now, false, repeats});
    return {fetch, id, range};
}

std::optional<Fetch> Download::hand_out(SourceId id, std::size_t ready_count, TimePoint now) {
    const Source& source = sources_[id];
    auto range = first_wanted(unassigned_, source, source.surely);
    if (!range) {
        RangeSet last_resort = source.perhaps;
        for (const ByteRange& surely : claimed_.ranges()) last_resort.remove(surely);
        range = first_wanted(unassigned_, source, last_resort);
    }
    if (!range) return std::nullopt;
    const std::uint64_t share = unassigned_.total() / (4 * std::max<std::uint64_t>(ready_count, 1));
    const std::uint64_t most = std::clamp(share, chunk_bytes_max, limits_.fetch_bytes_max);
    const std::uint64_t room = std::max(source.capacity.bytes - source.bytes, chunk_bytes_max);
    std::uint64_t length = std::min({range->size(), most, room, source.capacity.bytes_per_fetch});
    if (length > chunk_bytes_max) length -= length % chunk_bytes_max;  // no short chunk in the middle
    return start(id, {range->start, range->start + length}, now, 0);
}

std::optional<Fetch> Download::repeat(SourceId id, TimePoint now) {
    const Source& source = sources_[id];
    if (source.fetches > 0) return std::nullopt;
    for (auto& [fetch, under] : under_way_) {
        if (under.repeated || under.repeats != 0 || under.source == id) continue;
        if (now - under.since < limits_.repeat_after) continue;
        RangeSet left;
        for (const ByteRange& part : parts_in(missing_, under.range)) left.add(part);
        const auto range = first_wanted(left, source, source.surely);
        if (!range) continue;
        under.repeated = true;
        const std::uint64_t length = std::min(range->size(), source.capacity.bytes_per_fetch);
        return start(id, {range->start, range->start + length}, now, fetch);
    }
    return std::nullopt;
}

std::vector<Fetch> Download::assign(TimePoint now) {
    std::vector<Fetch> fetches;
    forget_expired_refusals(now);
    std::vector<SourceId> order = ready_in_order(now);
    while (!order.empty()) {
        std::vector<SourceId> served;
        for (const SourceId id : order) {
            if (!ready(sources_[id], now)) continue;
            if (auto fetch = hand_out(id, order.size(), now)) {
                fetches.push_back(*fetch);
                served.push_back(id);
            }
        }
        std::erase_if(served, [&](SourceId id) { return !ready(sources_[id], now); });
        order = std::move(served);
    }
    for (const SourceId id : ready_in_order(now)) {
        if (!ready(sources_[id], now)) continue;
        if (auto fetch = repeat(id, now)) fetches.push_back(*fetch);
    }
    return fetches;
}

void Download::forget_expired_refusals(TimePoint now) {
    for (Source& source : sources_)
        std::erase_if(source.refusals, [now](const Refusal& refusal) { return refusal.until <= now; });
}

std::vector<ByteRange> Download::received(FetchId fetch, ByteRange came, TimePoint now) {
    const auto it = under_way_.find(fetch);
    SPATE_ASSERT(it != under_way_.end() && !came.empty());
    SPATE_ASSERT(came.start >= it->second.range.start && came.end <= it->second.range.end);
    Under& under = it->second;
    Source& source = sources_[under.source];
    for (const ByteRange& skipped : parts_in(missing_, {under.range.start, came.start}))
        unassigned_.add(skipped);
    std::vector<ByteRange> fresh = parts_in(missing_, came);
    std::uint64_t fresh_bytes = 0;
    missing_.remove(came);
    unassigned_.remove(came);
    for (const ByteRange& part : fresh) {
        attribution_.record(part, under.source);
        fresh_bytes += part.size();
    }
    received_twice_ += came.size() - fresh_bytes;
    source.supplied += fresh_bytes;
    source.bytes -= came.end - under.range.start;
    source.backoff.reset();
    source.refusals_in_row = 0;
    under.range.start = came.end;
    under.since = now;
    if (under.range.empty()) end(it);
    return fresh;
}

void Download::end(std::map<FetchId, Under>::iterator fetch) {
    const Under under = fetch->second;
    Source& source = sources_[under.source];
    if (--source.fetches == 0) --busy_;
    source.bytes -= under.range.size();
    under_way_.erase(fetch);
    if (under.range.empty() && under.repeats == 0) return;
    for (const ByteRange& part : parts_in(missing_, under.range)) unassigned_.add(part);
    for (auto& [id, other] : under_way_) {
        unassigned_.remove(other.range);  // its twin is still under way
        if (id == under.repeats) other.repeated = false;
    }
}

void Download::refused(FetchId fetch, TimePoint now, Rng& rng) {
    const auto it = under_way_.find(fetch);
    SPATE_ASSERT(it != under_way_.end());
    Source& source = sources_[it->second.source];
    if (source.refusals.size() >= limits_.refusals_per_source) source.refusals.erase(source.refusals.begin());
    source.refusals.push_back({it->second.range, now + limits_.refusal_pause});
    if (++source.refusals_in_row >= limits_.refusals_in_row_max)
        source.retry_at = now + source.backoff.next(rng);
    end(it);
}

void Download::failed(SourceId source, std::span<const FetchId> fetches, TimePoint now, Rng& rng) {
    give_back(fetches);
    sources_[source].retry_at = now + sources_[source].backoff.next(rng);
}

void Download::give_back(std::span<const FetchId> fetches) {
    for (const FetchId fetch : fetches) {
        const auto it = under_way_.find(fetch);
        SPATE_ASSERT(it != under_way_.end());
        end(it);
    }
}

TimePoint Download::next_timeout(TimePoint now) const {
    TimePoint next = never;
    const auto consider = [&](TimePoint when) {
        if (when > now) next = std::min(next, when);
    };
    for (const Source& source : sources_) {
        if (source.banned) continue;
        consider(source.retry_at);
        for (const Refusal& refusal : source.refusals) consider(refusal.until);
    }
    for (const auto& [id, under] : under_way_)
        if (!under.repeated && under.repeats == 0) consider(under.since + limits_.repeat_after);
    return next;
}

}  // namespace spate::classic_peer
