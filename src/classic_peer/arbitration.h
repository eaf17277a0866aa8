// Arbitration: finds out who sent wrong bytes when a file is all there and its MD5 is wrong. Pure policy.
//
// The file is cut into segments, also at every border between two suppliers and between claims, so that a
// segment has one supplier where possible. Copies of segments are fetched from other sources and compared
// with what is held by their MD5; the driver keeps the bytes of a copy only when they are new (a variant, in
// a numbered slot of its own file).
//
// - Round r wants r copies of every segment, of different sources; from the second round on also of the one
//   that supplied it. A segment whose copies differ is contested: of it every source's copy is wanted.
// - When a round is collected, choices of one variant for each contested segment are tried, likely ones
//   first: the majority; "source X lies"; "source X tells the truth"; two liars; everything held is wrong;
//   each single segment the other way; all combinations of a few. The driver computes the whole file's MD5
//   with the chosen variants in place of the held bytes.
// - A right choice shows wrong every source of a variant that was not chosen. No right choice: the next
//   round. No further round: nothing to do until claims change.
//
// Limits: segments_max (segments grow with the file; borders are left out beyond it), copies_max a segment,
// variants_max (slots), choices_max a round. Owner: the receiver. Thread: one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "classic_peer/attribution.h"
#include "hash/digest.h"

namespace spate::classic_peer {

struct ArbitrationLimits {
    std::uint64_t segment_bytes = 16 * 1024;  // at least: more where segments_max / 2 of them are too few
    std::size_t segments_max = 65'536;
    std::size_t copies_max = 8;  // of one segment
    std::size_t variants_max = 65'536;
    std::size_t choices_max = 64;
};

class Arbitration {
  public:
    using Segment = std::uint32_t;
    using Slot = std::uint32_t;

    struct Wanted {
        Segment segment;
        ByteRange range;
    };
    struct Replacement {
        ByteRange range;
        Slot slot = 0;
        auto operator<=>(const Replacement&) const = default;
    };
    // Every contested segment that is not to stay as it is held.
    using Choice = std::vector<Replacement>;

    // `borders`: where claims begin and end; segments are cut there.
    Arbitration(std::uint64_t size, const Attribution& supplied, std::span<const std::uint64_t> borders,
                ArbitrationLimits limits = {});

    // The next segment to fetch from a source that surely has `claims`; it then counts as being under way.
    std::optional<Wanted> next_copy(SourceId source, const RangeSet& claims);
    // A copy came. Gives the slot to keep its bytes in, or nothing when they are known or there is no room.
    std::optional<Slot> copy_arrived(Segment segment, SourceId source, const hash::Md5& copy,
                                     const hash::Md5& held);
    // It did not come: the source is not asked for this segment again until claims change.
    void copy_failed(Segment segment, SourceId source);
    // It did not come and may be asked for again.
    void copy_given_back(Segment segment, SourceId source);
    // The tracker file was fetched again: who refused, or had nothing, may have it now.
    void claims_changed();

    // Nothing more to ask for in this round, of any source. `claims_of`: by source id, empty for a source
    // that is not to be asked.
    bool collected(std::span<const RangeSet> claims_of);
    // The next choice to try, never the held file itself; nothing when this round has no more.
    std::optional<Choice> next_choice();
    // The last choice had the right MD5: the sources shown wrong. The supplier of held bytes is among them.
    std::vector<SourceId> resolve();
    // The round had no right choice. False: there is no further round until claims change.
    bool next_round(std::span<const RangeSet> claims_of);

    std::size_t segment_count() const { return segments_.size(); }
    ByteRange range_of(Segment segment) const;
    std::size_t contested_count() const;

  private:
    struct Variant {
        hash::Md5 digest;
        std::vector<SourceId> sources;
        std::optional<Slot> slot;  // of the held variant: none, and it is variant 0
    };
    struct State {
        std::uint64_t start;
        SourceId supplier;
        std::vector<Variant> variants;  // empty until the first copy came
        std::vector<SourceId> asked;    // came or under way
        std::vector<SourceId> failed;
        std::uint32_t came = 0;
        std::uint32_t under_way = 0;
        bool contested() const { return variants.size() > 1; }
    };
    using Indices = std::vector<std::uint8_t>;  // of the chosen variant, for each of contested_
    using Rule = std::function<std::size_t(const State&)>;

    struct Cursor {  // what is before it is not wanted of that source in this round
        std::size_t contested = 0;
        std::size_t segment = 0;
    };

    void cut(std::uint64_t size, const Attribution& supplied, std::span<const std::uint64_t> borders);
    bool wants(const State& state, ByteRange range, SourceId source, const RangeSet& claims) const;
    std::optional<Segment> find_wanted(SourceId source, const RangeSet& claims);
    void came_back(Segment segment, SourceId source);
    void propose(const Rule& rule);
    void propose_all();
    void propose_flips();
    void propose_combinations();
    std::size_t majority(const State& state, std::span<const SourceId> without, std::size_t first = 0) const;
    std::vector<SourceId> suspects() const;

    std::uint64_t size_;
    ArbitrationLimits limits_;
    std::vector<State> segments_;
    std::vector<Segment> contested_;  // in the order they became so
    std::map<SourceId, Cursor> cursors_;
    std::vector<Segment> with_failures_;
    std::size_t round_ = 1;
    Slot next_slot_ = 0;
    bool proposed_ = false;
    std::vector<Indices> proposals_;  // the next one is last
    std::set<Indices> tried_;
    Indices last_;
};

}  // namespace spate::classic_peer
