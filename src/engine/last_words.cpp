#include "engine/last_words.h"

#include <algorithm>
#include <utility>

namespace spate::engine {

using announce::Event;

class LastWords::ToOne final : private RoundOwner {
  public:
    ToOne(LastWords& words, const TierTracker& tracker, Event first) : words_(words), tracker_(tracker) {
        say(first);
    }

  private:
    void say(Event event) {
        event_ = event;
        const Duration left = words_.until_ - words_.world_.reactor.now();
        round_ = std::make_unique<TrackerRound>(
            words_.world_, words_.rng_, words_.udp_, static_cast<RoundOwner&>(*this), tracker_.url,
            tracker_.requests(words_.figures_, event, 0, words_.key_), tracker_.knows_us,
            std::max<Duration>(event == Event::stopped ? left : left / 2, Duration{1}));
    }
    void on_round_reply(const announce::AnnounceReply&, const Address&) override {}
    void on_round_end(const RoundResult&) override {
        event_ == Event::stopped ? words_.on_said() : say(Event::stopped);
    }

    LastWords& words_;
    const TierTracker& tracker_;
    Event event_{};
    std::unique_ptr<TrackerRound> round_;
};

LastWords::LastWords(io::World& world, Rng& rng, UdpConnections& udp, AnnounceFigures figures,
                     std::uint32_t key, TimePoint until, std::function<void()> done)
    : world_(world),
      rng_(rng),
      udp_(udp),
      figures_(std::move(figures)),
      key_(key),
      until_(until),
      done_(std::move(done)) {}

LastWords::~LastWords() = default;

void LastWords::say(const TierTrackers& trackers, bool untold) {
    const Event first = untold && figures_.left == 0 ? Event::completed : Event::stopped;
    for (const TierTracker& tracker : trackers.all()) {
        if (!tracker.knows()) continue;
        ++unsaid_;
        all_.push_back(std::make_unique<ToOne>(*this, tracker, first));
    }
}

void LastWords::on_said() {
    if (--unsaid_ == 0) done_();
}

}  // namespace spate::engine
