// What each kind of evil peer does on one connection: a row of a table, with what it sends once both
// handshakes are through, and what it answers.
#pragma once

#include <string_view>

#include "base/rng.h"
#include "piece_store/test_torrent.h"
#include "sim/scenarios/free_rider.h"
#include "sim/scenarios/raw_frames.h"
#include "sim/scenarios/swarm_conversation.h"
#include "sim/scenarios/swarm_evil_peer.h"

namespace spate::sim {

struct EvilLine {
    const piece_store::TestTorrent& torrent;
    Rng& rng;
    RawFrames out;
    FreeRider rider;

    std::uint32_t pieces() const { return torrent.pieces(); }
    std::uint32_t piece_size(std::uint32_t index) const {
        return torrent.layout().piece_size(metainfo::PieceIndex(index));
    }
    hash::Sha256 some_root() const {
        for (const auto& file : torrent.layout().files())
            if (file.pieces_root != hash::Sha256{}) return file.pieces_root;
        return {};
    }
};

struct EvilAct {
    std::string_view name;
    void (*begin)(EvilLine& line) = nullptr;
    void (*answer)(EvilLine& line, const FrameCutter::Frame& got) = nullptr;
    bool reads = true;  // once it has begun
    bool claims_v2 = false;
};

const EvilAct& act_of(EvilKind kind);

}  // namespace spate::sim
