// UdpAnswers: what a datagram to the tracker is answered (BEP 15, 41). Nothing is said to who has not proved
// its address but what is shorter than the question: the connection id, and a few errors a second. Pure;
// owner: UdpFront.
#pragma once

#include <cstdint>
#include <vector>

#include "announce/connection_ids.h"
#include "announce/udp_messages.h"
#include "base/bytes.h"
#include "base/endpoint.h"
#include "tracker/announcements.h"

namespace spate::tracker {

class UdpAnswers {
  public:
    // `key`: of the connection ids; secret, and no other table's.
    UdpAnswers(Announcements& announcements, const hash::SipKey& key);

    // Appends the reply to `out`; nothing when there is none.
    void answer(const Endpoint& from, Bytes datagram, TimePoint now, std::vector<std::uint8_t>& out);

    const AnnounceCounters& counters() const { return counters_; }

  private:
    void refuse_id(const Endpoint& from, Bytes datagram, TimePoint now, std::vector<std::uint8_t>& out);
    void announce(const Endpoint& from, announce::UdpAnnounce& asked, TimePoint now,
                  std::vector<std::uint8_t>& out);
    void scrape(const announce::UdpScrape& asked, TimePoint now, std::vector<std::uint8_t>& out);

    Announcements& announcements_;
    announce::ConnectionIds ids_;
    SourceBudget errors_;
    AnnounceCounters counters_;
    announce::AnnounceReply reply_;  // kept for its memory
    std::vector<announce::ScrapeCounts> counts_;
};

}  // namespace spate::tracker
