// LastWords: what the trackers of a tier hear at the end, each that knows us: `completed` first if it has not
// been said, for at most half of the time, then `stopped`; none waits for another. They are asked for no
// peers. Owner: AnnounceTier. Thread: the reactor's.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "engine/tier_trackers.h"
#include "engine/tracker_round.h"

namespace spate::engine {

class LastWords {
  public:
    // What is said; until: the end of the time. done: all have heard it, or failed.
    LastWords(io::World& world, Rng& rng, UdpConnections& udp, AnnounceFigures figures, std::uint32_t key,
              TimePoint until, std::function<void()> done);
    ~LastWords();
    LastWords(const LastWords&) = delete;
    LastWords& operator=(const LastWords&) = delete;

    // Once. trackers: outlive it, and one of them knows us. untold: that all is here.
    void say(const TierTrackers& trackers, bool untold);

  private:
    class ToOne;
    void on_said();

    io::World& world_;
    Rng& rng_;
    UdpConnections& udp_;
    const AnnounceFigures figures_;
    const std::uint32_t key_;
    const TimePoint until_;
    std::function<void()> done_;
    std::vector<std::unique_ptr<ToOne>> all_;
    std::size_t unsaid_ = 0;
};

}  // namespace spate::engine
