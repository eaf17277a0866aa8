// PickerPeer: what the picker knows of one peer: what it has, what it owes, how fast it is. A record, written
// by PickerPeers (what it has) and OpenRequests (the rest). Owner: PickerPeers.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

#include "base/time.h"
#include "metainfo/bitfield.h"
#include "swarm/block.h"
#include "swarm/peer_requests.h"

namespace spate::swarm {

struct PeerPieces {
    bool seed = false;              // told us so at once; has no bitfield
    std::uint32_t wanted = 0;       // pieces it has and we want; not counted of a seed
    std::uint32_t nothing_new = 0;  // the value of PieceOrder::news() when it had no new piece for us
    metainfo::Bitfield bitfield{};
    std::vector<PieceIndex> suggested{};  // newest last

    bool has(PieceIndex piece) const { return seed || (bitfield.size() > 0 && bitfield.has(piece)); }
    bool all() const { return seed || (bitfield.size() > 0 && bitfield.all()); }
};

// Who rejects a block is not asked for that piece for a while; after a second piece for nothing.
struct PeerRejects {
    static constexpr Duration pause = std::chrono::seconds(2);

    PieceIndex last{UINT32_MAX};
    TimePoint until{};
    TimePoint paused_until{};

    void add(PieceIndex piece, TimePoint now) {
        if (now < until && last != piece) paused_until = now + pause;
        last = piece;
        until = now + pause;
    }
    bool avoids(PieceIndex piece, TimePoint now) const { return piece == last && now < until; }
};

struct PeerPace {
    std::uint64_t speed = 0;  // 0: not known yet
    Duration answer_time{};
    bool snubbed = false;

    Duration time_for(std::size_t blocks) const {
        // A second a block for who has shown nothing yet.
        constexpr std::uint64_t least = metainfo::block_size;
        constexpr std::uint64_t second = 1'000'000'000;
        const auto of_one = metainfo::block_size * second / std::max(speed, least);
        return Duration(static_cast<Duration::rep>(of_one * blocks));
    }
};

struct PickerPeer {
    bool here = false;
    PeerPieces pieces{};
    PeerRequests requests{};
    std::uint32_t late = 0;  // blocks that may come though nothing is asked any more
    PeerRejects rejects{};
    PeerPace pace{};
    TimePoint helps_at{};  // with what others owe; not tried before

    bool may_be_asked(PieceIndex piece, TimePoint now) const {
        return pieces.has(piece) && !rejects.avoids(piece, now);
    }
    // How long one more block will take it.
    Duration answer_from() const { return std::max(pace.time_for(requests.size() + 1), pace.answer_time); }
};

}  // namespace spate::swarm
