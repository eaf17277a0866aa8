// OwnAddress: how others see us, by the word of those we talk to ("yourip" of BEP 10, external ip of
// trackers). A peer alone may lie: an address counts when peers of voters_needed different address ranges
// say so. Only addresses of the public network count. Limit: voters_max, the oldest word goes first. Pure.
// One thread.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>

#include "base/endpoint.h"

namespace spate::swarm {

class OwnAddress {
  public:
    static constexpr std::size_t voters_needed = 3;
    static constexpr std::size_t voters_max = 32;

    // True: it counts from now on, and is new.
    bool on_peer_says(const Address& voter, const Address& own);
    // A tracker of the torrent is believed at once. True: it is new.
    bool on_tracker_says(const Address& own);

    const std::optional<Address>& v4() const { return v4_; }
    const std::optional<Address>& v6() const { return v6_; }

  private:
    struct Vote {
        Address range;  // of the voter
        Address own;
    };
    bool accept(const Address& own);

    std::deque<Vote> votes_;  // oldest first
    std::optional<Address> v4_;
    std::optional<Address> v6_;
};

}  // namespace spate::swarm
