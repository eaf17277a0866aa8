// PiecesToGive: the pieces that no peer has and no peer was given, in the order of the disk from a random
// start; and to whom the others were given. Memory: 6 bytes and a bit a piece. Owner: SuperSeeding.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/rng.h"
#include "metainfo/bitfield.h"
#include "swarm/block.h"

namespace spate::swarm {

class PiecesToGive {
  public:
    PiecesToGive(std::uint32_t count, Rng& rng);

    std::uint32_t count() const { return to_give_.count(); }
    bool none() const { return to_give_.none(); }
    bool has(PieceIndex piece) const { return to_give_.has(piece); }
    // Of them, around from where we are. There is one.
    PieceIndex next();
    // Far from that, so that it is hardly given twice.
    PieceIndex far_from_next(std::uint32_t number) const;

    // False: another was given it in the meantime, or has it.
    bool give(PieceIndex piece, PeerKey to);
    void take_back(PieceIndex piece);
    bool is_given_to(PieceIndex piece, PeerKey peer) const { return given_to_[piece.value] == peer.value; }
    // One more peer has it. Gives whom it was given to.
    std::optional<PeerKey> add_holder(PieceIndex piece);
    void remove_holder(PieceIndex piece);
    // Nothing is to be given any more, nor comes back.
    void close() { closed_ = true; }
    bool closed() const { return closed_; }

  private:
    static constexpr std::uint32_t nobody = UINT32_MAX;
    void add_if_without_holders(PieceIndex piece);

    std::vector<std::uint16_t> holders_;   // peers that say they have it
    std::vector<std::uint32_t> given_to_;  // peer, or nobody
    metainfo::Bitfield to_give_;
    PieceIndex cursor_;
    bool closed_ = false;
};

}  // namespace spate::swarm
