// AnnounceTier: announces a torrent to the trackers of one tier, one at a time (BEP 12: TierTrackers), at its
// times (AnnounceTimes): what it says to whom, and what becomes of the answer. completed() and changed() are
// said at once, but not while all of them fail. At the end each that knows us hears of it (LastWords). Owner:
// the Announcer. Thread: the reactor's.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/announce_times.h"
#include "engine/announcer.h"
#include "engine/last_words.h"
#include "engine/tier_trackers.h"
#include "engine/tracker_round.h"

namespace spate::engine {

class AnnounceTier final : private RoundOwner, private AnnounceSlot {
  public:
    // `key`: names this torrent's asker to all trackers over both families.
    AnnounceTier(io::World& world, AnnounceSchedule& schedule, Rng& rng, AnnounceSource& source,
                 std::vector<http::Url> urls, std::uint32_t key);
    ~AnnounceTier() override;

    void start();
    void completed();
    // More or less is here than was told: at once.
    void changed();
    void announce_now();
    void hurry();
    // Tells those that know us; nothing happens afterwards but `done`. False: nobody is to be told.
    bool stop(Duration time_limit, std::function<void()> done);
    void add_status(std::vector<TrackerStatus>& to) const { trackers_.add_status(to, times_.due()); }
    void add_counts(std::optional<Announcer::Counts>& to) const { trackers_.add_counts(to); }

  private:
    void on_round_reply(const announce::AnnounceReply& reply, const Address& from) override;
    void on_round_end(const RoundResult& result) override;
    std::string announce_host() override;
    void on_announce() override;
    void tell_now();
    void end_round();
    void on_success(const RoundResult& result);
    void on_failure(const RoundResult& result);
    void wait_until(TimePoint due);
    void warn(TierTracker& tracker, std::string text);
    announce::Event next_event(const TierTracker& tracker, const AnnounceFigures& figures) const;

    io::World& world_;
    Rng& rng_;
    AnnounceSource& source_;
    const std::uint32_t key_;
    TierTrackers trackers_;
    AnnounceTimes times_;
    announce::Event event_ = announce::Event::none;  // of the round under way
    bool running_ = false;
    bool completed_untold_ = false;
    bool again_ = false;                     // right after the round under way
    std::unique_ptr<TrackerRound> round_;    // under way
    std::unique_ptr<LastWords> last_words_;  // once it is stopped
};

}  // namespace spate::engine
