// AnnounceTimes: when a tier of trackers is asked again.
// - The interval is the tracker's, held within 60 s and 2 h, +-10 %, never below its min interval; who is
//   in a hurry may ask as early as the min interval (60 s when it names none).
// - When all of a tier failed: pauses of 15 s doubling to 30 min, half of them drawn.
// Pure. Owner: AnnounceTier. Thread: the reactor's.
#pragma once

#include <optional>

#include "announce/announce.h"
#include "base/rng.h"
#include "base/time.h"

namespace spate::engine {

class AnnounceTimes {
  public:
    // `never`: while one is asked, and at the end.
    TimePoint due() const { return due_; }
    void set_due(TimePoint due) { due_ = due; }
    // For somebody in a hurry; nothing: it is not sooner.
    std::optional<TimePoint> sooner(TimePoint now) const;

    void on_reply(const announce::AnnounceReply& reply);
    // One answered; interval(): and then is asked again.
    void on_answered(TimePoint now);
    Duration interval(Rng& rng) const;
    // One failed, and the next is asked at once; pause(): all of them did.
    void on_failed() { earliest_ = never; }
    Duration pause(Rng& rng);
    // All of them failed, and since then none answered.
    bool failing() const { return failed_passes_ > 0; }

  private:
    int failed_passes_ = 0;
    Duration interval_{};
    Duration min_interval_{};
    TimePoint due_ = never;
    TimePoint earliest_ = never;
};

}  // namespace spate::engine
