// GivenPieces: the pieces that one peer was shown and has not shown to have, and what of them did not go out
// to it. Each is for it alone, or offered: then it is its own when it asks for it. Owner: SuperSeeding.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/time.h"
#include "swarm/block.h"

namespace spate::swarm {

struct GivenPiece {
    PieceIndex piece;
    std::uint32_t unsent = 0;  // bytes
    TimePoint at{};
    bool for_it = true;  // for nobody else
};

class GivenPieces {
  public:
    void add(const GivenPiece& given);
    GivenPiece* find(PieceIndex piece);  // null: not given, or not any more
    void drop(PieceIndex piece);
    void clear();
    // What was offered is for it alone from now on.
    void keep(GivenPiece& given);
    // What was for it alone is only offered from now on; calls `lent(piece)`.
    template <class Lent>
    void lend(Lent lent);
    // So much of it went out, or did not after all.
    void on_sent(GivenPiece& given, std::uint32_t bytes);
    void on_taken_back(GivenPiece& given, std::uint32_t bytes);

    std::span<const GivenPiece> all() const { return given_; }  // oldest first
    std::uint64_t unsent() const { return unsent_; }            // of what is for it alone
    std::uint64_t offered() const { return offered_; }          // of the others
    std::uint64_t waiting() const { return unsent_ + offered_; }
    std::uint64_t total() const { return total_; }  // bytes of all pieces that were for it

  private:
    std::uint64_t& sum_of(const GivenPiece& given) { return given.for_it ? unsent_ : offered_; }

    std::vector<GivenPiece> given_;
    std::uint64_t unsent_ = 0;
    std::uint64_t offered_ = 0;
    std::uint64_t total_ = 0;
};

template <class Lent>
void GivenPieces::lend(Lent lent) {
    for (auto& given : given_) {
        if (!given.for_it) continue;
        given.for_it = false;
        lent(given.piece);
    }
    total_ -= unsent_;
    offered_ += unsent_;
    unsent_ = 0;
}

}  // namespace spate::swarm
