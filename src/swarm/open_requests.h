// OpenRequests: who was asked for which block, and what becomes of it. The first answer wins and names those
// to cancel. What was cancelled or given up may come all the same, and is welcome if it is needed still.
//
// Memory: 16 bytes a request. Limit: duplicates_max. Owner: PiecePicker. One thread.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <vector>

#include "swarm/begun_pieces.h"
#include "swarm/picker_ask.h"
#include "swarm/picker_peers.h"

namespace spate::swarm {

enum class BlockVerdict : std::uint8_t {
    accepted,
    duplicate,  // it was asked for (or cancelled too late), but another was faster
    unasked,    // never asked of that peer: row 32, drop it
};
struct PeerBlock {
    PeerKey peer;
    BlockRequest request;
    bool operator==(const PeerBlock&) const = default;
};
struct BlockOutcome {
    BlockVerdict verdict = BlockVerdict::unasked;
    bool piece_complete = false;          // all blocks are there: verify it, then say verified() or failed()
    std::optional<TimePoint> asked_at{};  // for RequestWindow; nothing if we had given it up before
    std::span<const PeerBlock> cancel{};  // these need not be sent any more; valid until the next call
};

class OpenRequests {
  public:
    using Slot = BegunPieces::Slot;
    static constexpr std::size_t duplicates_max = 1024;
    // A peer that needs longer for the rest of a piece that was left to it alone holds it back.
    static constexpr Duration one_peer_time = std::chrono::seconds(20);
    // All that peers have, one after the other, for such a piece; then others may help: who lets go of it and
    // comes again must not keep it.
    static constexpr Duration one_peer_patience = std::chrono::seconds(60);

    OpenRequests(const PieceMap& pieces, BegunPieces& begun, PickerPeers& peers)
        : pieces_(pieces), begun_(begun), peers_(peers) {}

    // Blocks of it that are free; gives how many.
    std::uint32_t ask_free(Slot slot, Ask& ask);
    // One that another was asked for already: beside it, or instead of it.
    void ask_duplicate(Slot slot, BlockIndex block, Ask& ask);
    void take_over(Slot slot, BlockIndex block, PeerKey holder, Ask& ask);
    // To that one alone, and it does not hold it back.
    bool is_left_to_another(const BegunPieces::Begun& begun, const Ask& ask) const;

    BlockOutcome on_block(PeerKey key, const BlockRequest& request);
    bool expected(PeerKey key, const BlockRequest& request) const;
    bool rejected(PeerKey key, const BlockRequest& request, TimePoint now);
    void choked(PeerKey key);
    // All that it owes may be asked of others; what it sends still counts beside theirs, as far as there is
    // room.
    void snubbed(PeerKey key);
    void peer_gone(PeerKey key) { release_all(key, peers_.at(key)); }

    // What others need not send any more.
    std::span<const PeerBlock> cancelled() const { return cancelled_; }
    void clear_cancelled() { cancelled_.clear(); }

  private:
    void cancel(Slot slot, BlockIndex block, PeerKey key);
    void cancel_others(Slot slot, BlockIndex block, PeerKey winner);
    void release(PeerKey key, PieceIndex piece, BlockIndex block);
    void release_all(PeerKey key, PickerPeer& peer);

    const PieceMap& pieces_;
    BegunPieces& begun_;
    PickerPeers& peers_;
    std::vector<PeerBlock> cancelled_;
};

}  // namespace spate::swarm
