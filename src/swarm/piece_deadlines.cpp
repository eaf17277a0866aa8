#include "swarm/piece_deadlines.h"

#include <algorithm>

namespace spate::swarm {

void PieceDeadlines::set(PieceIndex piece, TimePoint deadline) {
    std::erase_if(deadlines_, [&](const PieceDeadline& one) { return one.piece == piece; });
    if (deadline == never) return;
    const auto after = std::ranges::upper_bound(deadlines_, deadline, {}, &PieceDeadline::at);
    deadlines_.insert(after, {deadline, piece});
    if (deadlines_.size() > deadlines_max) deadlines_.pop_back();
}

}  // namespace spate::swarm
