// Announcements: what every announce and scrape is answered, whichever protocol brings it: the swarms, the
// intervals, each source's budget, the counters. A path before "/announce" names a world of its own: its
// swarms are seen only by who asks under the same path, so that a private tracker URL never leaks to the
// public one. Pure; owner: TrackerServer; thread: the reactor's.
#pragma once

#include <cstdint>
#include <string_view>

#include "announce/announce.h"
#include "base/endpoint.h"
#include "base/rng.h"
#include "base/time.h"
#include "hash/keyed_hash.h"
#include "tracker/options.h"
#include "tracker/source_budget.h"
#include "tracker/swarm_store.h"

namespace spate::tracker {

struct AnnounceCounters {
    std::uint64_t announces = 0;
    std::uint64_t scrapes = 0;
    std::uint64_t failures = 0;  // answered with a failure
    std::uint64_t dropped = 0;   // not answered: broken, unproved or too many
};

class Announcements {
  public:
    // `key` and `seed` are secret.
    Announcements(const AnnounceOptions& options, const hash::SipKey& key, std::uint64_t seed);

    // Whether this source may ask once more.
    bool admit(const Address& from, TimePoint now) { return budget_.take(from, now); }
    // `path`: of the URL asked, "/announce" or "/secret/announce". Fills in the whole reply.
    void announce(announce::AnnounceRequest& request, std::string_view path, const Address& from,
                  bool both_families, TimePoint now, announce::AnnounceReply& reply);
    announce::ScrapeCounts scrape(const hash::Sha1& swarm, std::string_view path, TimePoint now);
    // Regularly, every sweep_pause: frees what is over, a piece at a time.
    void sweep(TimePoint now);
    static constexpr Duration sweep_pause = std::chrono::milliseconds(250);

    const AnnounceOptions& options() const { return options_; }
    SwarmStore& swarms() { return swarms_; }
    const SwarmStore& swarms() const { return swarms_; }

  private:
    std::uint32_t jittered(Duration interval);

    AnnounceOptions options_;
    SwarmStore swarms_;
    SourceBudget budget_;
    Rng rng_;
};

}  // namespace spate::tracker
