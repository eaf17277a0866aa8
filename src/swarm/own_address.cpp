#include "swarm/own_address.h"

#include <algorithm>

#include "swarm/address_kind.h"

namespace spate::swarm {

bool OwnAddress::on_peer_says(const Address& voter, const Address& said) {
    const Address own = said.unmapped();
    if (kind_of(own) != AddressKind::global) return false;
    const Address range = range_of(voter);
    std::erase_if(votes_,
                  [&](const Vote& vote) { return vote.range == range && vote.own.is_v4() == own.is_v4(); });
    votes_.push_back({range, own});
    if (votes_.size() > voters_max) votes_.pop_front();
    const auto agree = std::ranges::count(votes_, own, &Vote::own);
    return static_cast<std::size_t>(agree) >= voters_needed && accept(own);
}

bool OwnAddress::on_tracker_says(const Address& own) {
    return kind_of(own) == AddressKind::global && accept(own.unmapped());
}

bool OwnAddress::accept(const Address& own) {
    auto& known = own.is_v4() ? v4_ : v6_;
    if (known == own) return false;
    known = own;
    return true;
}

}  // namespace spate::swarm
