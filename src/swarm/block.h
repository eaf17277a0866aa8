// Names of the swarm's policy: a peer of one torrent, and a block of one piece. Values.
#pragma once

#include <compare>
#include <cstdint>

#include "base/strong_index.h"
#include "metainfo/geometry.h"

namespace spate::swarm {

using metainfo::BlockIndex;
using metainfo::PieceIndex;

// A connected peer, as its owner counts them: small numbers, used again after peer_gone(). Below peers_max.
using PeerKey = StrongIndex<struct PeerKeyTag>;
inline constexpr std::uint32_t peers_max = 65'000;  // of one torrent

// Bytes of one piece, as requests name them; always one block as metainfo/geometry.h cuts it.
struct BlockRequest {
    PieceIndex piece;
    std::uint32_t offset = 0;
    std::uint32_t length = 0;
    BlockIndex block() const { return BlockIndex(offset / metainfo::block_size); }
    auto operator<=>(const BlockRequest&) const = default;
};

}  // namespace spate::swarm
