// AnnounceTier: the trackers of one tier, one at a time (BEP 12), and when to ask again.
// - The interval is the tracker's, held within 60 s and 2 h, +-10 %, never below its min interval; hurry()
//   may come as early as the min interval (60 s when it names none); completed() at once.
// - stop(): each that knows us hears `completed` first if it has not been said, for at most half of the time,
//   then `stopped`; none waits for another.
// - A tracker that fails gives way to the next at once; when all failed, pauses of 15 s doubling to 30 min,
//   half of them drawn. "retry in" (BEP 31) is kept; "never" means never.
// Owner: the Announcer. Thread: the reactor's.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/announcer.h"
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
    void hurry();
    // Tells those that know us; nothing happens afterwards but `done`. False: nobody is to be told.
    bool stop(Duration time_limit, std::function<void()> done);
    void add_status(std::vector<TrackerStatus>& to) const;
    void add_counts(std::optional<Announcer::Counts>& to) const;

  private:
    class LastWords;
    struct Tracker {
        http::Url url;
        std::string id;                  // BEP 3's tracker id
        std::array<bool, 2> knows_us{};  // by IpFamily
        bool working = false;            // its last announce was answered
        TimePoint not_before = TimePoint::min();
        Announcer::Counts counts;
        std::string last_warning;  // printable

        bool knows() const { return knows_us[0] || knows_us[1]; }
    };
    void on_round_reply(const announce::AnnounceReply& reply, const Address& from) override;
    void on_round_end(const RoundResult& result) override;
    std::string announce_host() override;
    void on_announce() override;
    void say_last_words();
    void on_last_words();
    void tell_now();
    void rest();
    void on_success(const RoundResult& result);
    void on_failure(const RoundResult& result);
    void wait_until(TimePoint due);
    void warn(Tracker& tracker, std::string text);
    announce::Event next_event(const Tracker& tracker, const AnnounceFigures& figures) const;
    std::vector<announce::AnnounceRequest> requests(const Tracker& tracker, const AnnounceFigures& figures,
                                                    announce::Event event) const;

    io::World& world_;
    Rng& rng_;
    AnnounceSource& source_;
    std::uint32_t key_;
    std::vector<Tracker> trackers_;
    std::size_t current_ = 0;
    announce::Event event_ = announce::Event::none;  // of the round under way
    bool running_ = false;
    bool completed_untold_ = false;
    bool again_ = false;  // right after the round under way
    int failed_passes_ = 0;
    Duration interval_{};
    Duration min_interval_{};
    TimePoint due_ = never;
    TimePoint earliest_ = never;                          // for hurry()
    std::unique_ptr<TrackerRound> round_;                 // under way
    std::vector<std::unique_ptr<LastWords>> last_words_;  // to each that knows us
    std::size_t stopping_ = 0;
    std::unique_ptr<const AnnounceFigures> last_figures_;  // once it is stopped
    TimePoint stop_until_ = never;
    std::function<void()> on_stopped_;
};

}  // namespace spate::engine
