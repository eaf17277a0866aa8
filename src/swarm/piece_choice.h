// PieceChoice: which piece next for a peer. Pieces begun (few missing first), then a new one: highest
// priority, fewest peers, ties at random; one that the peer suggested (BEP 6) goes first of its priority. The
// first random_first_pieces are drawn at random. Sequential mode: lowest index.
//
// Cost: a peer that has everything: O(1) a piece. Another: at most scan_max pieces of the order, then N/64
// words of bitfields; nothing again until something new is there for it. Owner: PiecePicker. One thread.
#pragma once

#include <cstdint>
#include <optional>

#include "swarm/open_requests.h"

namespace spate::swarm {

class PieceChoice {
  public:
    using Slot = BegunPieces::Slot;
    static constexpr std::uint32_t random_first_pieces = 4;
    static constexpr std::uint32_t scan_max = 1024;

    PieceChoice(const PieceMap& pieces, const BegunPieces& begun, const OpenRequests& requests)
        : pieces_(pieces), begun_(begun), requests_(requests) {}

    void set_sequential(bool on) { sequential_ = on; }

    // One that is begun and has free blocks. Those left to another peer count only with `of_others`.
    std::optional<Slot> best_begun(const Ask& ask, bool of_others) const;
    // One that nobody was asked for. The order is sorted.
    std::optional<PieceIndex> best_new(Ask& ask) const;

  private:
    std::optional<PieceIndex> lowest(const Ask& ask) const;
    std::optional<PieceIndex> suggested(Ask& ask) const;
    std::optional<PieceIndex> any_in_order(const Ask& ask) const;
    std::optional<PieceIndex> best_in_order(const Ask& ask) const;
    std::optional<PieceIndex> best_in_bitfields(const Ask& ask) const;

    const PieceMap& pieces_;
    const BegunPieces& begun_;
    const OpenRequests& requests_;
    bool sequential_ = false;
};

}  // namespace spate::swarm
