// UdpTrackerExchange: the client's side of BEP 15 as a machine: connect, then the question, each sent again
// after 15 * 2^n seconds; a connection id older than a minute is asked for anew. Datagrams that are not the
// awaited answer (other transaction, other action, broken) are ignored. Gives up when `sends_max` datagrams
// had no answer. Pure.
//
//   connecting --connect reply--> asking --reply or error--> done
//        ^                          |
//        +---- id older than 60 s --+
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

struct UdpScrapeQuestion {
    std::vector<hash::Sha1> swarms;  // at most scrape_hashes_max
};
using UdpQuestion = std::variant<AnnounceRequest, UdpScrapeQuestion>;

struct NoAnswer {};
using UdpOutcome = std::variant<AnnounceReply, UdpScrapeReply, Failure, NoAnswer>;

class UdpTrackerExchange {
  public:
    // `url_data`: path and query of the tracker's URL (BEP 41). `rng`: outlives the exchange; seeded by
    // nobody else's guess.
    UdpTrackerExchange(UdpQuestion question, std::string url_data, IpFamily family, int sends_max, Rng& rng,
                       TimePoint now);

    // The datagram to send now, once; empty when there is none.
    std::vector<std::uint8_t> drain();
    void feed(Bytes datagram, TimePoint now);
    void on_timeout(TimePoint now);
    TimePoint next_timeout() const { return outcome_ ? never : due_; }
    const std::optional<UdpOutcome>& outcome() const { return outcome_; }

  private:
    void send(TimePoint now);
    void write_question();

    UdpQuestion question_;
    std::string url_data_;
    IpFamily family_;
    int sends_left_;
    Rng& rng_;
    int unanswered_ = 0;
    std::uint32_t transaction_ = 0;
    std::optional<std::uint64_t> connection_id_;
    TimePoint connected_at_{};
    TimePoint due_;
    std::vector<std::uint8_t> unsent_;
    std::optional<UdpOutcome> outcome_;
};

}  // namespace spate::announce
