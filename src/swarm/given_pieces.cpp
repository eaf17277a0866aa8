#include "swarm/given_pieces.h"

#include <algorithm>

namespace spate::swarm {

void GivenPieces::add(const GivenPiece& given) {
    given_.push_back(given);
    sum_of(given) += given.unsent;
    if (given.for_it) total_ += given.unsent;
}

// From the newest: who tells of nothing it has leaves a long tail of old ones.
GivenPiece* GivenPieces::find(PieceIndex piece) {
    const auto found = std::find_if(given_.rbegin(), given_.rend(),
                                    [&](const GivenPiece& one) { return one.piece == piece; });
    return found == given_.rend() ? nullptr : &*found;
}

void GivenPieces::drop(PieceIndex piece) {
    const auto at = std::ranges::find(given_, piece, &GivenPiece::piece);
    if (at == given_.end()) return;
    sum_of(*at) -= at->unsent;
    given_.erase(at);
}

void GivenPieces::clear() {
    given_.clear();
    unsent_ = offered_ = 0;
}

void GivenPieces::keep(GivenPiece& given) {
    given.for_it = true;
    offered_ -= given.unsent;
    unsent_ += given.unsent;
    total_ += given.unsent;
}

void GivenPieces::on_sent(GivenPiece& given, std::uint32_t bytes) {
    given.unsent -= bytes;
    sum_of(given) -= bytes;
}

void GivenPieces::on_taken_back(GivenPiece& given, std::uint32_t bytes) {
    given.unsent += bytes;
    sum_of(given) += bytes;
}

}  // namespace spate::swarm
