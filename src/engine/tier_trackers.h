// TierTrackers: the trackers of one tier, and which of them is asked (BEP 12): in an order drawn at random;
// one that answers moves to the front, one that fails gives way to the next at once. "retry in" (BEP 31) is
// kept. Pure. Limit: trackers_in_tier_max, by who makes it. Owner: AnnounceTier. Thread: the reactor's.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/announcer.h"
#include "http/url.h"

namespace spate::engine {

struct TierTracker {
    http::Url url;
    std::string id;                  // BEP 3's tracker id
    std::array<bool, 2> knows_us{};  // by IpFamily
    bool working = false;            // its last announce was answered
    TimePoint not_before = TimePoint::min();
    Announcer::Counts counts;
    std::string last_warning;  // printable

    bool knows() const { return knows_us[0] || knows_us[1]; }
    // What it is told, of each swarm.
    std::vector<announce::AnnounceRequest> requests(const AnnounceFigures& figures, announce::Event event,
                                                    std::uint32_t want, std::uint32_t key) const;
};

class TierTrackers {
  public:
    TierTrackers(std::vector<http::Url> urls, Rng& rng);

    const std::vector<TierTracker>& all() const { return trackers_; }
    TierTracker& current() { return trackers_[current_]; }
    // Passes over those that want to be left alone. False: nobody is left to be asked.
    bool find_next(TimePoint now);
    void on_answered();
    void on_failed() { ++current_; }
    // All of them once more; the first of them may be asked then.
    TimePoint begin_again();

    // The first that knows us.
    const TierTracker* that_knows() const;
    void add_status(std::vector<TrackerStatus>& to, TimePoint due) const;
    void add_counts(std::optional<Announcer::Counts>& to) const;

  private:
    std::vector<TierTracker> trackers_;
    std::size_t current_ = 0;
};

}  // namespace spate::engine
