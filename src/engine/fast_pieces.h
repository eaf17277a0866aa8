// FastPieces: the pieces that a peer may ask for while we choke it (BEP 6), and what it got that way.
// Limits: wire::allowed_fast_given pieces, bytes_max. Owner: UploadLink.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "wire/message.h"

namespace spate::engine {

class FastPieces {
  public:
    static constexpr std::uint64_t bytes_max = 8 << 20;

    void give(std::vector<wire::PieceIndex> pieces) { pieces_ = std::move(pieces); }
    bool empty() const { return pieces_.empty(); }
    bool has(wire::PieceIndex piece) const { return std::ranges::find(pieces_, piece) != pieces_.end(); }
    // It asks for so much of them without a slot. False: too much (row 33).
    bool take(std::uint32_t bytes) {
        bytes_ += bytes;
        return bytes_ <= bytes_max;
    }

  private:
    std::vector<wire::PieceIndex> pieces_;
    std::uint64_t bytes_ = 0;
};

}  // namespace spate::engine
