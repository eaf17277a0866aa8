#include "swarm/peer_requests.h"

#include <algorithm>
#include <utility>

namespace spate::swarm {

void PeerRequests::add(const AskedBlock& asked) {
    if (size_ == ring_.size()) {
        std::vector<AskedBlock> larger(std::max<std::size_t>(16, ring_.size() * 2));
        for (std::size_t i = 0; i < size_; ++i) larger[i] = at(i);
        ring_ = std::move(larger);
        head_ = 0;
    }
    at(size_++) = asked;
}

std::size_t PeerRequests::find(PieceIndex piece, BlockIndex block) const {
    for (std::size_t i = 0; i < size_; ++i)
        if ((*this)[i].piece == piece && (*this)[i].block == block) return i;
    return size_;
}

std::optional<TimePoint> PeerRequests::remove(PieceIndex piece, BlockIndex block) {
    const auto found = find(piece, block);
    if (found == size_) return std::nullopt;
    const auto asked_at = at(found).at;
    for (auto i = found; i > 0; --i) at(i) = at(i - 1);
    head_ = (head_ + 1) & (ring_.size() - 1);
    --size_;
    return asked_at;
}

}  // namespace spate::swarm
