// The pieces that a peer may fetch while it is choked (BEP 6): the same for everybody who offers them to that
// address. Pure.
#pragma once

#include <cstddef>
#include <vector>

#include "base/endpoint.h"
#include "hash/digest.h"
#include "wire/message.h"

namespace spate::wire {

// In the order of BEP 6; at most `count`, at most piece_count. None for an IPv6 address, for which there is
// no rule.
std::vector<PieceIndex> allowed_fast_set(const Address& peer, const hash::Sha1& swarm,
                                         std::uint32_t piece_count, std::size_t count);

}  // namespace spate::wire
