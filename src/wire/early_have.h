// EarlyHave: what a peer says it has before the piece count is known (magnet link), kept until it is. Memory:
// one bit a piece named, at most bitfield_bytes_max. One owner, one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "metainfo/bitfield.h"
#include "wire/message.h"

namespace spate::wire {

class EarlyHave {
  public:
    void take(const BitfieldMessage& message);
    void take(const HaveAll&) { all_ = true; }
    void take(const HaveNone&) {}
    // False for an index that no torrent has: bad_piece_index.
    bool take(const Have& message);
    // Of a peer that said it has all, nothing is believed then but what it says after.
    void take_back(PieceIndex piece);

    // Nothing when it does not fit that many pieces: the peer lied (bad_bitfield).
    std::optional<metainfo::Bitfield> resolve(std::uint32_t piece_count) const;

  private:
    std::vector<std::uint8_t> bits_;    // as in a bitfield message
    std::optional<std::size_t> exact_;  // the length that a bitfield message had
    bool all_ = false;
};

}  // namespace spate::wire
