// PieceOrder: the pieces nobody was asked for yet, by priority and by how many peers have them, fewest first.
// The order lies in one array a priority, cut into ranks; a piece moves by one rank with one swap. Up to 31
// peers every count is a rank of its own, beyond that a quarter of an octave is. When much changes at once it
// gets stale, and is sorted anew before it is looked at.
//
// Memory: 8 bytes and a bit a piece. insert and remove touch at most one piece a rank (rank_count); moved()
// one or two. Owner: PieceMap. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "metainfo/bitfield.h"
#include "metainfo/geometry.h"

namespace spate::swarm {

using metainfo::PieceIndex;

enum class Phase : std::uint8_t {
    fresh,     // nothing of it is there or asked for
    begun,     // some blocks are
    complete,  // all blocks are there, the hash is not known
    verified,
};
struct Piece {
    std::uint16_t availability = 0;  // peers that have it, seeds not counted
    std::uint8_t priority = 0;
    Phase phase = Phase::fresh;
    bool in_order() const { return phase == Phase::fresh && priority > 0; }
};

class PieceOrder {
  public:
    static constexpr std::uint32_t rank_count = 64;
    static constexpr std::uint32_t priority_count = 8;
    static std::uint32_t rank_of(std::uint32_t availability);

    // All pieces are in it.
    explicit PieceOrder(std::uint32_t pieces) : place_(pieces), fresh_(pieces, true) {}

    // Those of these that belong in it.
    void restart(std::span<const Piece> pieces);
    // These do nothing about a piece that does not belong in it.
    void insert(PieceIndex piece, const Piece& state);
    void remove(PieceIndex piece, const Piece& state);  // state: as it was when in the order
    // Its availability was `before` and is what `state` says.
    void moved(PieceIndex piece, const Piece& state, std::uint32_t before) {
        if (!stale_ && state.in_order()) move(piece, state, before);
    }
    void set_stale() { stale_ = true; }
    void sort(std::span<const Piece> pieces) {
        if (stale_) rebuild(pieces);
    }

    const metainfo::Bitfield& fresh() const { return fresh_; }  // the pieces that are in it
    // Grows when a piece comes into it.
    std::uint32_t news() const { return news_; }
    // Whether one of them is with no peer, seeds not counted.
    bool any_with_nobody(std::span<const Piece> pieces) const;

    // Once sorted:
    std::uint32_t size() const { return size_; }
    std::span<const std::uint32_t> of_priority(std::uint32_t priority) const {
        return classes_[priority].pieces;
    }
    std::span<const std::uint32_t> of_rank(std::uint32_t priority, std::uint32_t rank) const;

    // A number the owner may keep for a piece while it is not in the order.
    std::uint32_t note(PieceIndex piece) const { return place_[piece.value]; }
    void set_note(PieceIndex piece, std::uint32_t note) { place_[piece.value] = note; }

  private:
    struct Class {
        std::vector<std::uint32_t> pieces;
        std::array<std::uint32_t, rank_count + 1> begin{};  // of each rank in `pieces`
    };
    void rebuild(std::span<const Piece> pieces);
    void move(PieceIndex piece, const Piece& state, std::uint32_t before);
    void put(Class& in, std::uint32_t at, std::uint32_t piece);

    std::array<Class, priority_count> classes_;
    std::vector<std::uint32_t> place_;
    std::uint32_t size_ = 0;
    metainfo::Bitfield fresh_;
    std::uint32_t news_ = 1;
    bool stale_ = true;
};

}  // namespace spate::swarm
