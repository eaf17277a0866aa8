// ClassicFallback: asks a tracker for its classic LIST when its catalogue cannot be had over HTTP, as at the
// trackers of the original system. Those may hang up on a request of HTTP, answer it with a word of their
// own, or say nothing at all; so LIST is asked when the owner says that HTTP failed, or by itself once
// `patience` is over. One answer at most; destroying it gives it up. `done` may destroy it. Thread: the
// reactor's.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "classic_peer/tracker_client.h"
#include "io/world.h"

namespace spate::apps {

class ClassicFallback {
  public:
    static constexpr Duration patience = std::chrono::seconds(3);
    using Entries = std::vector<classic::ListEntry>;
    using Done = std::move_only_function<void(Result<Entries>)>;

    ClassicFallback(io::World& world, const HostPort& tracker, Duration time_limit, Done done);

    // HTTP failed: no more patience. Once.
    void begin();

  private:
    void ask();

    classic_peer::TrackerClient client_;
    Done done_;
    std::unique_ptr<classic_peer::Question> question_;
    std::unique_ptr<io::Timer> timer_;
};

}  // namespace spate::apps
