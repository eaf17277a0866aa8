// PieceDeadlines: which pieces are wanted by when, soonest first. Limit: deadlines_max, beyond which the
// latest ones are left out. Owner: PiecePicker.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/time.h"
#include "swarm/block.h"

namespace spate::swarm {

struct PieceDeadline {
    TimePoint at;
    PieceIndex piece;
    bool operator==(const PieceDeadline&) const = default;
};

class PieceDeadlines {
  public:
    static constexpr std::size_t deadlines_max = 1024;

    void set(PieceIndex piece, TimePoint deadline);  // instead of the one it had; never: none
    std::span<const PieceDeadline> soonest_first() const { return deadlines_; }
    bool empty() const { return deadlines_.empty(); }

  private:
    std::vector<PieceDeadline> deadlines_;
};

}  // namespace spate::swarm
