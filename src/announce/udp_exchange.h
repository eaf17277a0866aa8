// UdpTrackerExchange: the client's side of BEP 15 as a machine: connect, then the question, each sent again
// after 15 * 2^n seconds; a connection id older than a minute is asked for anew. An id of an earlier exchange
// may be brought along: it is asked with at once, and given up when the answer is an error or none comes.
// Datagrams that are not the awaited answer (other transaction, other action, broken) are ignored. Gives up
// when `sends_max` datagrams had no answer. Pure.
//
//   connecting --connect reply--> asking --reply or error--> done
//        ^                          |
//        +---- id older than 60 s; one brought along: error, silence
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "announce/announce.h"
#include "announce/udp_messages.h"
#include "base/bytes.h"
#include "base/rng.h"
#include "base/time.h"

namespace spate::announce {

inline constexpr Duration udp_first_retry = std::chrono::seconds(15);
inline constexpr Duration udp_connection_id_life = std::chrono::seconds(60);

struct UdpConnectionId {
    std::uint64_t id = 0;
    TimePoint at{};  // when it came
    bool good(TimePoint now) const { return now - at < udp_connection_id_life; }
};

struct UdpScrapeQuestion {
    std::vector<hash::Sha1> swarms;  // at most scrape_hashes_max
};
using UdpQuestion = std::variant<AnnounceRequest, UdpScrapeQuestion>;

struct NoAnswer {};
using UdpOutcome = std::variant<AnnounceReply, UdpScrapeReply, Failure, NoAnswer>;

class UdpTrackerExchange {
  public:
    // `url_data`: path and query of the tracker's URL (BEP 41). `rng`: outlives the exchange; seeded by
    // nobody else's guess. `known`: of an earlier exchange with this tracker, from the same socket.
    UdpTrackerExchange(UdpQuestion question, std::string url_data, IpFamily family, int sends_max, Rng& rng,
                       TimePoint now, std::optional<UdpConnectionId> known = std::nullopt);

    // The datagram to send now, once; empty when there is none.
    std::vector<std::uint8_t> drain();
    void feed(Bytes datagram, TimePoint now);
    void on_timeout(TimePoint now);
    TimePoint next_timeout() const { return outcome_ ? never : due_; }
    const std::optional<UdpOutcome>& outcome() const { return outcome_; }
    // The id it asks with, for the next exchange; once there is one.
    const std::optional<UdpConnectionId>& connection() const { return connection_; }

  private:
    void send(TimePoint now);
    void connect_anew(TimePoint now);
    void write_question();

    UdpQuestion question_;
    std::string url_data_;
    IpFamily family_;
    int sends_left_;
    Rng& rng_;
    int unanswered_ = 0;
    std::uint32_t transaction_ = 0;
    std::optional<UdpConnectionId> connection_;
    bool brought_along_;
    TimePoint due_;
    std::vector<std::uint8_t> unsent_;
    std::optional<UdpOutcome> outcome_;
};

}  // namespace spate::announce
