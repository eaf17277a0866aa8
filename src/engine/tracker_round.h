// TrackerRound: one event told to one tracker: every swarm of the torrent (hybrids have two) over IPv4 and
// IPv6, side by side. Peers are handed on as they come; the round was answered when one question was. Owner:
// AnnounceTier or LastWords; it may destroy the round from inside both callbacks. Thread: the reactor's.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "engine/tracker_question.h"

namespace spate::engine {

struct RoundResult {
    bool answered = false;
    std::array<bool, 2> families{};            // by IpFamily: over which it answered
    std::optional<announce::Failure> failure;  // the tracker's words
    std::optional<Error> error;                // the most telling one
};

class RoundOwner {
  public:
    virtual ~RoundOwner() = default;
    virtual void on_round_reply(const announce::AnnounceReply& reply, const Address& tracker) = 0;
    virtual void on_round_end(const RoundResult& result) = 0;
};

class TrackerRound {
  public:
    // families: by IpFamily, which to ask over.
    TrackerRound(io::World& world, Rng& rng, UdpConnections& udp, RoundOwner& owner, const http::Url& url,
                 const std::vector<announce::AnnounceRequest>& requests, std::array<bool, 2> families,
                 Duration time_limit);

    // By IpFamily: the tracker may have heard it, and has not answered.
    std::array<bool, 2> heard_over() const;
    TimePoint begun_at() const { return begun_at_; }

  private:
    void on_answer(std::size_t question, announce::IpFamily family, Result<AnnounceAnswer> answer);

    RoundOwner& owner_;
    const TimePoint begun_at_;
    RoundResult result_;
    struct Asked {
        announce::IpFamily family;
        std::unique_ptr<TrackerQuestion> question;
    };
    std::vector<Asked> questions_;
    std::size_t unanswered_ = 0;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace spate::engine
