// Announcer: keeps one range of one peer known at the tracker: updatetracker at once for each new range,
// again with growing pauses while the tracker does not take it, and every `interval` for as long as it lives,
// so that the tracker does not think the peer dead. withdraw() tells an empty range at the file's end, which
// takes the line back at trackers of ours and says the truth at others. Owner: Sender or a Receiver that
// seeds, not destroyed from inside a callback. Thread: the reactor's.
#pragma once

#include <chrono>
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
    std::uint64_t size = 0;  // of the file
};

class Announcer {
  public:
    // `on_gone`: the tracker has no such file any more; it is asked again later all the same.
    Announcer(io::World& world, HostPort tracker, Duration time_limit, Duration interval, Announced us,
              Rng& rng, PeerEvents& events, std::function<void()> on_gone);

    // Replaces the range told from now on.
    void announce(ByteRange range);
    void stop();
    // As stop(); then `done`, in a later turn: when the tracker has heard of it, or after withdraw_time.
    void withdraw(io::Callback done);
    static constexpr Duration withdraw_time = std::chrono::seconds(2);

  private:
    void tell();
    void on_answer(Result<classic::Outcome> answer);
    void on_withdrawn();
    std::unique_ptr<Question> tell(ByteRange range, TrackerClient::Answer<classic::Outcome> answer);

    io::World& world_;
    TrackerClient client_;
    Duration interval_;
    Announced us_;
    Rng& rng_;
    PeerEvents& events_;
    std::function<void()> on_gone_;
    Backoff backoff_{BackoffLimits{}};
    ByteRange range_;
    bool known_ = false;  // the tracker may have heard of us
    io::Callback withdrawn_;
    std::unique_ptr<io::Timer> withdraw_timer_;  // once it was asked to
    std::string last_warning_;
    std::unique_ptr<Question> question_;
    std::unique_ptr<io::Timer> timer_;
};

}  // namespace spate::classic_peer
