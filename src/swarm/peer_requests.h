// PeerRequests: what one peer was asked for and has not sent yet, oldest first. Answers mostly come in that
// order, so the search from the front is short. A ring in one vector, which does not shrink. Owner:
// PiecePicker.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/time.h"
#include "swarm/block.h"

namespace spate::swarm {

struct AskedBlock {
    PieceIndex piece;
    BlockIndex block;
    TimePoint at{};
};

class PeerRequests {
  public:
    void add(const AskedBlock& asked);
    // Takes it out, if it is there.
    std::optional<TimePoint> remove(PieceIndex piece, BlockIndex block);
    bool contains(PieceIndex piece, BlockIndex block) const { return find(piece, block) < size_; }
    std::size_t find(PieceIndex piece, BlockIndex block) const;  // size(): not there
    void clear() { head_ = size_ = 0; }

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    const AskedBlock& operator[](std::size_t i) const { return ring_[(head_ + i) & (ring_.size() - 1)]; }

  private:
    AskedBlock& at(std::size_t i) { return ring_[(head_ + i) & (ring_.size() - 1)]; }

    std::vector<AskedBlock> ring_;  // its size is a power of two
    std::size_t head_ = 0;
    std::size_t size_ = 0;
};

}  // namespace spate::swarm
