// Announcer: keeps one range of one peer known at the tracker: updatetracker at once for each new range,
// again with growing pauses while the tracker does not take it, and every `interval` for as long as it lives,
// so that the tracker does not think the peer dead. Owner: Sender or a Receiver that seeds, not destroyed
// from inside a callback. Thread: the reactor's.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "classic_peer/backoff.h"
#include "classic_peer/peer_events.h"
#include "classic_peer/tracker_client.h"

namespace spate::classic_peer {

struct Announced {
    std::string key;                  // the file's name at the tracker
    std::optional<std::string> host;  // where we are reached; nothing: the address the tracker sees
    std::uint16_t port = 0;
};

class Announcer {
  public:
    // `on_gone`: the tracker has no such file any more; it is asked again later all the same.
    Announcer(io::World& world, HostPort tracker, Duration time_limit, Duration interval, Announced us,
              Rng& rng, PeerEvents& events, std::function<void()> on_gone);

    // Replaces the range told from now on.
    void announce(ByteRange range);
    void stop();

  private:
    void tell();
    void on_answer(Result<classic::Outcome> answer);

    io::World& world_;
    TrackerClient client_;
    Duration interval_;
    Announced us_;
    Rng& rng_;
    PeerEvents& events_;
    std::function<void()> on_gone_;
    Backoff backoff_{BackoffLimits{}};
    ByteRange range_;
    std::string last_warning_;
    std::unique_ptr<Question> question_;
    std::unique_ptr<io::Timer> timer_;
};

}  // namespace spate::classic_peer
