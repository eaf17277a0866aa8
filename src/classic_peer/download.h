// Download: which bytes of one file to ask which source for. Pure policy: claims, outcomes and `now` go in,
// fetches come out.
//
// - Missing bytes are handed out in file order, and never to two sources at once, except at the end.
// - The source with the fewest bytes under way is served first, the newest timestamp among equals: the newest
//   peers start, and soon all of them work.
// - A fetch is one contiguous range; the connection cuts it into requests of at most chunk_bytes_max. Its
//   size is such that all ready sources share what is left, within fetch_bytes_max and the source's limit.
// - A failed connection gives its bytes back and makes its source wait (Backoff). A refusal makes the source
//   wait for that range alone; after refusals_in_row_max with no byte between them, for everything. A banned
//   source is never asked again.
// - The tail: when nothing is left to hand out, a source with nothing to do repeats a fetch that another has
//   had for `repeat_after`. One source at a time repeats a fetch; what arrives twice is counted.
//
// Limits: see DownloadLimits. Owner: the receiver. Thread: one.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "base/rng.h"
#include "classic_peer/attribution.h"
#include "classic_peer/backoff.h"
#include "classic_peer/source.h"

namespace spate::classic_peer {

struct DownloadLimits {
    std::size_t sources = 1024;     // further peers of a tracker file are left out
    std::size_t busy_sources = 64;  // asked at the same time
    std::uint64_t fetch_bytes_max = 64 * 1024;
    int refusals_in_row_max = 4;
    std::size_t refusals_per_source = 64;  // remembered; the oldest is forgotten first
    Duration refusal_pause = std::chrono::seconds(2);
    Duration repeat_after = std::chrono::seconds(2);
    BackoffLimits backoff;
};

using FetchId = std::uint64_t;

struct Fetch {
    FetchId id = 0;
    SourceId source = unknown_source;
    ByteRange range;
};

// How much a source may have under way.
struct SourceCapacity {
    std::size_t fetches = 1;
    std::uint64_t bytes_per_fetch = chunk_bytes_max;
    std::uint64_t bytes = chunk_bytes_max;
};

class Download {
  public:
    Download(std::uint64_t size, const RangeSet& have, DownloadLimits limits = {});

    // A tracker file's peers: replaces every earlier claim. A peer that is gone is asked for nothing new.
    void set_claims(std::span<const SourceClaim> claims);
    void set_capacity(SourceId source, SourceCapacity capacity);
    void ban(SourceId source);

    // Everything that can be asked for now.
    std::vector<Fetch> assign(TimePoint now);
    // These bytes of the fetch came (what lies before them did not: it is handed out again). Returns the
    // parts of them that were still missing: those are to be kept. The fetch is over when its last byte came.
    std::vector<ByteRange> received(FetchId fetch, ByteRange came, TimePoint now);
    // The peer said no to what was left of the fetch.
    void refused(FetchId fetch, TimePoint now, Rng& rng);
    // A connection with these fetches died, or never came up. The source waits.
    void failed(SourceId source, std::span<const FetchId> fetches, TimePoint now, Rng& rng);
    // These fetches will not be done, through nobody's fault.
    void give_back(std::span<const FetchId> fetches);

    // When assign() may have something new without any other event; `never` if not.
    TimePoint next_timeout(TimePoint now) const;

    bool under_way(FetchId fetch) const { return under_way_.contains(fetch); }
    bool complete() const { return missing_.empty(); }
    std::uint64_t size() const { return size_; }
    std::uint64_t missing_bytes() const { return missing_.total(); }
    const RangeSet& missing() const { return missing_; }
    std::uint64_t bytes_received_twice() const { return received_twice_; }
    const Attribution& attribution() const { return attribution_; }

    std::size_t source_count() const { return sources_.size(); }
    const HostPort& peer(SourceId source) const { return sources_[source].peer; }
    const RangeSet& claims(SourceId source) const { return sources_[source].surely; }
    bool banned(SourceId source) const { return sources_[source].banned; }
    bool waiting(SourceId source, TimePoint now) const { return now < sources_[source].retry_at; }
    std::uint64_t bytes_from(SourceId source) const { return sources_[source].supplied; }

  private:
    struct Refusal {
        ByteRange range;
        TimePoint until;
    };
    struct Source {
        HostPort peer;
        RangeSet surely, perhaps;
        WallTime updated;
        SourceCapacity capacity;
        Backoff backoff;
        TimePoint retry_at{};
        std::vector<Refusal> refusals;  // in the order they came
        int refusals_in_row = 0;
        std::size_t fetches = 0;
        std::uint64_t bytes = 0;  // under way
        std::uint64_t supplied = 0;
        bool banned = false;
    };
    struct Under {  // a fetch under way; `range` is what is left of it
        SourceId source;
        ByteRange range;
        TimePoint since;
        bool repeated = false;  // right now
        FetchId repeats = 0;    // the fetch that this one repeats a part of
    };

    std::optional<SourceId> find(const HostPort& peer) const;
    bool ready(const Source& source, TimePoint now) const;
    std::vector<SourceId> ready_in_order(TimePoint now) const;
    std::optional<ByteRange> first_wanted(const RangeSet& from, const Source& source,
                                          const RangeSet& claims) const;
    std::optional<Fetch> hand_out(SourceId id, std::size_t ready_count, TimePoint now);
    std::optional<Fetch> repeat(SourceId id, TimePoint now);
    Fetch start(SourceId id, ByteRange range, TimePoint now, FetchId repeats);
    void recount_claimed();
    void forget_expired_refusals(TimePoint now);
    void end(std::map<FetchId, Under>::iterator fetch);

    std::uint64_t size_;
    DownloadLimits limits_;
    RangeSet missing_;
    RangeSet unassigned_;  // missing, and with nobody
    RangeSet claimed_;     // surely, by any source that is not banned
    std::vector<Source> sources_;
    std::map<HostPort, SourceId> ids_;
    std::map<FetchId, Under> under_way_;
    FetchId next_id_ = 1;
    std::size_t busy_ = 0;  // sources with a fetch under way
    std::uint64_t received_twice_ = 0;
    Attribution attribution_;
};

}  // namespace spate::classic_peer
