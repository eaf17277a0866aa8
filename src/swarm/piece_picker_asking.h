// What pick() was asked for, while it looks for it. Part of PiecePicker.
#pragma once

#include "swarm/piece_picker.h"

namespace spate::swarm {

struct PiecePicker::Ask {
    PeerKey key;
    Peer& peer;
    std::uint32_t left;
    PickMode mode;
    TimePoint now;
    Rng* rng;
    std::vector<BlockRequest>& out;
    bool last_blocks = false;  // nothing else is left in all
};

}  // namespace spate::swarm
