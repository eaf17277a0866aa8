#include "classic_peer/arbitration.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/assert.h"

namespace spate::classic_peer {
namespace {
constexpr std::size_t suspects_max = 16;
constexpr std::size_t combined_segments_max = 6;
}  // namespace

Arbitration::Arbitration(std::uint64_t size, const Attribution& supplied,
                         std::span<const std::uint64_t> borders, ArbitrationLimits limits)
    : size_(size), limits_(limits) {
    SPATE_ASSERT(limits_.segments_max >= 2 && limits_.segment_bytes > 0 && limits_.copies_max < 200);
    cut(size, supplied, borders);
}

void Arbitration::cut(std::uint64_t size, const Attribution& supplied,
                      std::span<const std::uint64_t> borders) {
    const std::uint64_t regular_max = limits_.segments_max / 2;
    const std::uint64_t step = std::max(limits_.segment_bytes, size / regular_max + 1);
    std::set<std::uint64_t> starts;
    for (std::uint64_t at = 0; at < size; at += step) starts.insert(at);
    const auto add_border = [&](std::uint64_t at) {
        if (at > 0 && at < size && starts.size() < limits_.segments_max) starts.insert(at);
    };
    for (const std::uint64_t border : borders) add_border(border);
    for (const Attribution::Run& run : supplied.runs()) {
        add_border(run.range.start);
        add_border(run.range.end);
    }
    segments_.reserve(starts.size());
    for (auto it = starts.begin(); it != starts.end(); ++it) {
        const auto next = std::next(it);
        const ByteRange range{*it, next == starts.end() ? size : *next};
        segments_.push_back(State{*it, supplied.sole_supplier_of(range), {}, {}, {}, 0, 0});
    }
}

ByteRange Arbitration::range_of(Segment segment) const {
    return {segments_[segment].start, segment + 1 < segments_.size() ? segments_[segment + 1].start : size_};
}

std::size_t Arbitration::contested_count() const {
    return contested_.size();
}

bool Arbitration::wants(const State& state, ByteRange range, SourceId source, const RangeSet& claims) const {
    const std::size_t most = state.contested() ? limits_.copies_max : std::min(round_, limits_.copies_max);
    if (state.came + state.under_way >= most) return false;
    if (source == state.supplier && round_ == 1) return false;  // asking it again is a last resort
    return std::ranges::find(state.asked, source) == state.asked.end() &&
           std::ranges::find(state.failed, source) == state.failed.end() && claims.contains(range);
}

std::optional<Arbitration::Segment> Arbitration::find_wanted(SourceId source, const RangeSet& claims) {
    if (claims.empty()) return std::nullopt;
    Cursor& cursor = cursors_[source];
    for (; cursor.contested < contested_.size(); ++cursor.contested) {
        const Segment segment = contested_[cursor.contested];
        if (wants(segments_[segment], range_of(segment), source, claims)) return segment;
    }
    for (; cursor.segment < segments_.size(); ++cursor.segment) {
        const auto segment = static_cast<Segment>(cursor.segment);
        if (wants(segments_[segment], range_of(segment), source, claims)) return segment;
    }
    return std::nullopt;
}

std::optional<Arbitration::Wanted> Arbitration::next_copy(SourceId source, const RangeSet& claims) {
    const auto segment = find_wanted(source, claims);
    if (!segment) return std::nullopt;
    State& state = segments_[*segment];
    state.asked.push_back(source);
    ++state.under_way;
    return Wanted{*segment, range_of(*segment)};
}

std::optional<Arbitration::Slot> Arbitration::copy_arrived(Segment segment, SourceId source,
                                                           const hash::Md5& copy, const hash::Md5& held) {
    State& state = segments_[segment];
    SPATE_ASSERT(state.under_way > 0);
    --state.under_way;
    ++state.came;
    proposed_ = false;  // another vote, or more to choose from
    if (state.variants.empty()) {
        state.variants.push_back({held, {}, std::nullopt});
        if (state.supplier != unknown_source) state.variants[0].sources.push_back(state.supplier);
    }
    for (Variant& variant : state.variants) {
        if (variant.digest != copy) continue;
        if (std::ranges::find(variant.sources, source) == variant.sources.end())
            variant.sources.push_back(source);
        return std::nullopt;
    }
    const bool was_contested = state.contested();
    Variant fresh{copy, {source}, std::nullopt};
    if (next_slot_ < limits_.variants_max) fresh.slot = next_slot_++;
    state.variants.push_back(fresh);
    if (!was_contested) contested_.push_back(segment);
    return fresh.slot;
}

void Arbitration::came_back(Segment segment, SourceId source) {
    State& state = segments_[segment];
    SPATE_ASSERT(state.under_way > 0);
    --state.under_way;
    std::erase(state.asked, source);
    cursors_.clear();  // it may be wanted of any source again
}

void Arbitration::copy_failed(Segment segment, SourceId source) {
    came_back(segment, source);
    if (segments_[segment].failed.empty()) with_failures_.push_back(segment);
    segments_[segment].failed.push_back(source);
}

void Arbitration::copy_given_back(Segment segment, SourceId source) {
    came_back(segment, source);
}

void Arbitration::claims_changed() {
    for (const Segment segment : with_failures_) segments_[segment].failed.clear();
    with_failures_.clear();
    cursors_.clear();
    proposed_ = false;
}

bool Arbitration::collected(std::span<const RangeSet> claims_of) {
    for (std::size_t i = 0; i < claims_of.size(); ++i)
        if (find_wanted(static_cast<SourceId>(i), claims_of[i])) return false;
    return true;
}

std::size_t Arbitration::majority(const State& state, std::span<const SourceId> without,
                                  std::size_t first) const {
    std::size_t best = 0;
    std::size_t best_votes = 0;
    for (std::size_t i = first; i < state.variants.size(); ++i) {
        const Variant& variant = state.variants[i];
        if (i > 0 && !variant.slot) continue;
        auto votes = static_cast<std::size_t>(std::ranges::count_if(variant.sources, [&](SourceId source) {
            return std::ranges::find(without, source) == without.end();
        }));
        if (i == 0 && state.supplier == unknown_source) ++votes;
        if (votes > best_votes) {
            best = i;
            best_votes = votes;
        }
    }
    return best;
}

std::vector<SourceId> Arbitration::suspects() const {
    std::map<SourceId, std::size_t> lost;  // contested segments in which others were more
    for (const Segment segment : contested_) {
        const State& state = segments_[segment];
        const std::size_t most = state.variants[majority(state, {})].sources.size();
        for (const Variant& variant : state.variants)
            for (const SourceId source : variant.sources)
                lost[source] += variant.sources.size() < most ? 2U : 1U;
    }
    std::vector<SourceId> order;
    for (const auto& [source, count] : lost) order.push_back(source);
    std::ranges::sort(order,
                      [&](SourceId a, SourceId b) { return std::pair(lost[b], a) < std::pair(lost[a], b); });
    if (order.size() > suspects_max) order.resize(suspects_max);
    return order;
}

void Arbitration::propose(const Rule& rule) {
    if (proposals_.size() >= limits_.choices_max) return;
    Indices choice;
    choice.reserve(contested_.size());
    for (const Segment segment : contested_)
        choice.push_back(static_cast<std::uint8_t>(rule(segments_[segment])));
    if (tried_.contains(choice) || std::ranges::find(proposals_, choice) != proposals_.end()) return;
    proposals_.push_back(std::move(choice));
}

void Arbitration::propose_flips() {
    for (const Segment flipped : contested_) {
        const State* other = &segments_[flipped];
        for (std::size_t i = 0; i < other->variants.size(); ++i) {
            if (i > 0 && !other->variants[i].slot) continue;
            propose([&](const State& state) { return &state == other ? i : majority(state, {}); });
        }
    }
}

// All of them, as counting does, where that is few.
void Arbitration::propose_combinations() {
    if (contested_.size() > combined_segments_max) return;
    Indices digits(contested_.size(), 0);
    for (std::size_t place = 0; place < digits.size();) {
        const std::vector<Variant>& variants = segments_[contested_[place]].variants;
        if (++digits[place] == variants.size()) {
            digits[place++] = 0;
            continue;
        }
        if (!variants[digits[place]].slot) continue;
        place = 0;
        std::size_t next = 0;
        propose([&](const State&) { return digits[next++]; });
    }
}

void Arbitration::propose_all() {
    proposed_ = true;
    proposals_.clear();
    for (auto known = std::exchange(tried_, {}); Indices choice : known) {
        choice.resize(contested_.size(),
                      0);  // tried when fewer segments were contested: the others were as held
        tried_.insert(std::move(choice));
    }
    tried_.insert(Indices(contested_.size(), 0));  // the held file: known to be wrong
    propose([this](const State& state) { return majority(state, {}); });
    const std::vector<SourceId> order = suspects();
    for (const SourceId liar : order)
        propose([&](const State& state) { return majority(state, std::span(&liar, 1)); });
    for (const SourceId trusted : order) {
        propose([&](const State& state) {
            for (std::size_t i = 0; i < state.variants.size(); ++i) {
                const Variant& variant = state.variants[i];
                if (std::ranges::find(variant.sources, trusted) != variant.sources.end() &&
                    (i == 0 || variant.slot))
                    return i;
            }
            return majority(state, {});
        });
    }
    for (std::size_t i = 0; i < order.size(); ++i) {
        for (std::size_t k = i + 1; k < order.size(); ++k) {
            const std::array<SourceId, 2> liars{order[i], order[k]};
            propose([&](const State& state) { return majority(state, liars); });
        }
    }
    propose([this](const State& state) { return majority(state, {}, 1); });
    propose_flips();
    propose_combinations();
    std::ranges::reverse(proposals_);
}

std::optional<Arbitration::Choice> Arbitration::next_choice() {
    if (contested_.empty()) return std::nullopt;
    if (!proposed_) propose_all();
    if (proposals_.empty()) return std::nullopt;
    last_ = std::move(proposals_.back());
    proposals_.pop_back();
    tried_.insert(last_);
    Choice choice;
    for (std::size_t i = 0; i < contested_.size(); ++i)
        if (last_[i] > 0)
            choice.push_back({range_of(contested_[i]), *segments_[contested_[i]].variants[last_[i]].slot});
    std::ranges::sort(choice);
    return choice;
}

std::vector<SourceId> Arbitration::resolve() {
    last_.resize(contested_.size(), 0);  // what became contested since was as held
    std::set<SourceId> wrong;
    for (std::size_t i = 0; i < contested_.size(); ++i) {
        const State& state = segments_[contested_[i]];
        for (std::size_t k = 0; k < state.variants.size(); ++k)
            if (k != last_[i])
                wrong.insert(state.variants[k].sources.begin(), state.variants[k].sources.end());
    }
    return {wrong.begin(), wrong.end()};
}

bool Arbitration::next_round(std::span<const RangeSet> claims_of) {
    proposals_.clear();
    if (round_ < limits_.copies_max) ++round_;
    cursors_.clear();
    proposed_ = false;
    if (!collected(claims_of)) return true;
    proposed_ = true;  // nothing new to try either
    return false;
}

}  // namespace spate::classic_peer
