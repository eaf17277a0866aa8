// PieceMap: how each piece stands: whether it is wanted, how far it is, how many peers have it. Those nobody
// was asked for yet are in the PieceOrder.
//
// Memory: 12 bytes and 3 bits a piece. Owner: PiecePicker. One thread. The layout must outlive it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "metainfo/bitfield.h"
#include "metainfo/file_layout.h"
#include "swarm/block.h"
#include "swarm/piece_order.h"

namespace spate::swarm {

using Priority = std::uint8_t;  // 0: not wanted; 1 to 7
inline constexpr Priority priority_normal = 4;
inline constexpr Priority priority_max = 7;

class PieceMap {
  public:
    // Everything wanted with priority_normal, nothing there.
    explicit PieceMap(const metainfo::FileLayout& layout);

    std::uint32_t count() const { return static_cast<std::uint32_t>(pieces_.size()); }
    const Piece& operator[](PieceIndex piece) const { return pieces_[piece.value]; }
    const metainfo::Bitfield& have() const { return have_; }
    // Priority above 0, and not verified.
    const metainfo::Bitfield& wanted() const { return wanted_; }
    // Bytes of it that are asked for.
    std::uint32_t request_bytes(PieceIndex piece) const;
    // Whether that is a block as we cut pieces.
    bool is_block(const BlockRequest& request) const;
    std::uint64_t blocks_of_wanted() const;  // at most

    // It went from one phase to another.
    void begun(PieceIndex piece, std::uint32_t note);
    void complete(PieceIndex piece) { pieces_[piece.value].phase = Phase::complete; }
    void incomplete(PieceIndex piece) { pieces_[piece.value].phase = Phase::begun; }
    void fresh_again(PieceIndex piece);  // nobody is asked for it any more
    bool verified(PieceIndex piece);     // whether it was wanted
    bool lost(PieceIndex piece);         // whether it is wanted now

    bool is_begun(PieceIndex piece) const {
        const auto phase = pieces_[piece.value].phase;
        return phase == Phase::begun || phase == Phase::complete;
    }
    // Of one that is begun: the number it was given then.
    std::uint32_t note(PieceIndex piece) const { return order_.note(piece); }

    void set_priorities(std::span<const Priority> of_all_pieces);
    // One peer more or less has it, or all of these.
    void count_peer(PieceIndex piece, bool more);
    void count_bitfield(const metainfo::Bitfield& has, bool more);

    void sort() { order_.sort(pieces_); }
    const PieceOrder& order() const { return order_; }
    // Whether a piece of the order is with no peer, seeds not counted.
    bool any_with_nobody() const { return order_.any_with_nobody(pieces_); }

  private:
    const metainfo::FileLayout& layout_;
    std::vector<Piece> pieces_;
    metainfo::Bitfield have_;
    metainfo::Bitfield wanted_;
    PieceOrder order_;
};

}  // namespace spate::swarm
