// What one peer is to be asked for now, while PiecePicker::pick() looks for it.
#pragma once

#include <cstdint>
#include <vector>

#include "base/rng.h"
#include "base/time.h"
#include "swarm/picker_peer.h"

namespace spate::swarm {

enum class PickMode : std::uint8_t { spread, whole };
// whole: the peer brings a piece of that length within a second.
inline PickMode pick_mode(std::uint64_t bytes_per_second, std::uint64_t piece_length) {
    return bytes_per_second >= piece_length ? PickMode::whole : PickMode::spread;
}

struct Ask {
    PeerKey key;
    PickerPeer& peer;
    std::uint32_t left;
    PickMode mode;
    TimePoint now;
    Rng* rng;
    std::vector<BlockRequest>& out;
    bool last_blocks = false;  // nothing else is left in all

    bool may(PieceIndex piece) const { return peer.may_be_asked(piece, now); }
    void add(const BlockRequest& request) {
        peer.requests.add({request.piece, request.block(), now});
        out.push_back(request);
        --left;
    }
};

}  // namespace spate::swarm
