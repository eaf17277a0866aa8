// Announcer: keeps one torrent known at its trackers and brings peers from them (BEP 3, 7, 12, 15, 21, 31).
// - Every tier is announced to at its own times: one silent tracker delays nobody. Within a tier one tracker
//   at a time, in an order drawn at random; one that answers moves to the front, one that fails gives way
//   (BEP 12). The AnnounceSchedule says when there is room.
// - `started` until a tracker took it, `completed` once when everything is there, if need be just before
//   `stopped`, which those hear that know us.
// - Trackers named by a stranger's file are not trusted: address_rules.h, caps below, texts printable.
// Memory idle: about 400 bytes a tracker. Owner: a torrent; not destroyed from inside a callback. Thread: the
// reactor's.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "announce/announce.h"
#include "base/rng.h"
#include "engine/announce_schedule.h"
#include "io/world.h"

namespace spate::engine {

inline constexpr std::size_t announce_tiers_max = 20;
inline constexpr std::size_t trackers_in_tier_max = 50;

// What is announced, asked for at every announce.
struct AnnounceFigures {
    std::vector<hash::Sha1> swarms;  // one or two
    announce::PeerId peer_id{};
    std::uint16_t port = 0;
    std::uint64_t uploaded = 0;
    std::uint64_t downloaded = 0;
    std::uint64_t left = announce::left_unknown;
    std::uint32_t want = 50;    // peers; 0 when there are enough
    bool partial_seed = false;  // BEP 21: has all it wants, not all there is
};

class AnnounceSource {
  public:
    virtual ~AnnounceSource() = default;
    virtual AnnounceFigures figures() const = 0;
    // tracker: who told.
    virtual void on_peers(std::span<const Endpoint> peers, const Address& tracker) = 0;
    // Our address, as a tracker sees it.
    virtual void on_external_address(const Address& address) = 0;
    // A tracker's own words or why it cannot be asked; printable; each change once.
    virtual void on_tracker_warning(const std::string& tracker, const std::string& text) = 0;
};

struct TrackerStatus {
    std::string url;
    bool working = false;      // its last announce was answered
    std::string last_warning;  // printable; empty: none
    std::uint32_t seeds = 0;
    std::uint32_t leechers = 0;
    TimePoint next_announce = never;
};

class AnnounceTier;

class Announcer {
  public:
    // URLs as the metainfo or magnet names them; what is no tracker URL is left out with a warning.
    Announcer(io::World& world, AnnounceSchedule& schedule, AnnounceSource& source,
              const std::vector<std::vector<std::string>>& tiers);
    ~Announcer();

    void start();  // once; again, or after stop(), is nothing
    // Everything is here now: told at once.
    void completed();
    // What is here became more or less than they were told: told at once.
    void changed();
    // Whoever says so knows that a tracker has forgotten us, or is there again.
    void announce_now();
    // More peers are wanted soon.
    void hurry();
    // Tells the trackers; `done` runs when all have answered or after `time_limit`. Nothing else happens
    // afterwards.
    void stop(Duration time_limit, std::function<void()> done);

    std::vector<TrackerStatus> status() const;
    // Peers that trackers which answer count, the largest of them.
    struct Counts {
        std::uint32_t seeds = 0;
        std::uint32_t leechers = 0;
    };
    std::optional<Counts> counts() const;  // nothing: none answers

  private:
    void on_stopped();  // or the time for it is over

    io::World& world_;
    AnnounceSource& source_;
    Rng rng_;
    std::vector<std::unique_ptr<AnnounceTier>> tiers_;
    bool started_ = false;
    std::size_t stopping_ = 0;
    std::function<void()> stop_done_;
    std::unique_ptr<io::Timer> stop_timer_;                     // once it is asked to stop
    std::vector<std::pair<std::string, std::string>> refused_;  // URL and why; told at the start
};

}  // namespace spate::engine
