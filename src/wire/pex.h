// Peer exchange (BEP 11), both sides as pure machines; the message itself is read and written in
// pex_message.cpp. PexOutbox: what to tell one peer of those we are connected to, as changes, one message a
// minute, pex_contacts_max added and as many dropped. PexInbox: what to believe of one peer's messages: one a
// minute, pex_contacts_max (more in the first), no address twice (loopback aside). Where a contact may lie is
// PeerList's question. Memory: the contacts told, at most pex_told_max. One owner, one thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>

#include "base/time.h"
#include "wire/extension_messages.h"

namespace spate::wire {

inline constexpr std::size_t pex_told_max = 500;

class PexOutbox {
  public:
    // connected: whom we are connected to now, by the address they can be reached at, the receiver left out.
    // A message when the minute is over and something changed.
    std::optional<Pex> next(std::span<const PexContact> connected, TimePoint now);
    TimePoint next_time() const { return next_; }

  private:
    std::set<Endpoint> told_;
    TimePoint next_{};
};

class PexInbox {
  public:
    // The contacts to take from a message that just came.
    std::vector<PexContact> take(const Pex& message, TimePoint now);

  private:
    std::set<Endpoint> seen_;
    TimePoint next_{};
    bool first_ = true;
};

}  // namespace spate::wire
