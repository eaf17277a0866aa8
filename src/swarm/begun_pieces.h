// BegunPieces: the pieces of which blocks were asked for or came, with the state of each block: free, asked
// of one peer, or received. Requests for a block beside that one (end game, snubbed peers) are kept apart. A
// block may be free while a snubbed peer still owes it. Keeps the pieces' phases in the PieceMap.
//
// Slots are used again, so that the steady state allocates nothing. Memory: 4 bytes a block.
// Limits: begun_max, OpenRequests::duplicates_max. Owner: PiecePicker. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/time.h"
#include "swarm/block.h"
#include "swarm/piece_map.h"

namespace spate::swarm {

class BegunPieces {
  public:
    using Slot = std::uint32_t;
    static constexpr std::size_t begun_max = 8192;     // pieces; then only those are gone on with
    static constexpr std::uint32_t none = UINT32_MAX;  // no slot, no peer
    static constexpr std::uint32_t block_free = UINT32_MAX;
    static constexpr std::uint32_t block_received =
        UINT32_MAX - 1;  // any other value: the peer that was asked

    struct Begun {
        PieceIndex piece;
        std::uint32_t size = 0;  // bytes that are asked for
        std::vector<std::uint32_t> blocks{};
        std::uint32_t free = 0;
        std::uint32_t received = 0;
        std::uint32_t first_free = 0;            // no block below it is free
        std::uint32_t extras = 0;                // requests kept apart
        std::uint32_t owner = none;              // the peer it is left to
        std::uint32_t open_at = none;            // in open_
        bool one_peer = false;                   // only its owner may be asked
        std::optional<TimePoint> alone_since{};  // when one peer was first asked for it, since it is so
        bool wanted = true;
        std::uint32_t block_count() const { return static_cast<std::uint32_t>(blocks.size()); }
        bool untouched() const { return free == block_count() && extras == 0; }
    };
    struct Extra {
        PieceIndex piece;
        BlockIndex block;
        PeerKey peer;
    };

    explicit BegunPieces(PieceMap& pieces) : pieces_(pieces) {}

    Slot begin(PieceIndex piece);
    // With the blocks that are there, not all of them. False: begun_max, or it is begun.
    bool restore(PieceIndex piece, const std::vector<bool>& blocks);
    void end(Slot slot);  // its extras too
    // Nothing of it is there or asked for: it is as if it had not been begun.
    void end_if_untouched(Slot slot);
    void failed(PieceIndex piece);                   // all of it is missing again, and left to one peer
    void given_up(PieceIndex piece);                 // all of it is missing again
    void block_failed(const BlockRequest& request);  // it alone is missing again

    Slot slot_of(PieceIndex piece) const { return pieces_.is_begun(piece) ? pieces_.note(piece) : none; }
    const Begun& operator[](Slot slot) const { return slots_[slot]; }
    bool full() const { return slots_.size() - spare_.size() >= begun_max; }
    // Slots that are wanted and have a free block.
    std::span<const Slot> open() const { return open_; }
    // Nothing wanted is left that is not there or asked of somebody.
    bool all_asked() const;
    // Whether a wanted one that is not complete is with no peer, seeds not counted.
    bool any_with_nobody() const;
    std::uint64_t blocks_there() const;  // of wanted ones
    bool needed(const BlockRequest& request) const;

    // The first free block at or after `from` that the peer does not owe already.
    std::optional<BlockIndex> next_free(Slot slot, BlockIndex from, PeerKey peer) const;
    void ask(Slot slot, BlockIndex block, PeerKey peer);
    bool receive(Slot slot, BlockIndex block);  // whether all are there now
    // Asked or received: free again.
    void free(Slot slot, BlockIndex block);
    void set_owner(Slot slot, std::uint32_t owner) { slots_[slot].owner = owner; }
    void left_alone(Slot slot, TimePoint now) {
        if (!slots_[slot].alone_since) slots_[slot].alone_since = now;
    }
    void set_wanted(Slot slot, bool wanted);
    // Pieces left to that peer are left to nobody.
    void disown(PeerKey peer);

    // Requests beside the first.
    void add_extra(Slot slot, BlockIndex block, PeerKey peer);
    bool remove_extra(Slot slot, BlockIndex block, PeerKey peer);
    std::uint32_t extras_of(Slot slot, BlockIndex block) const;
    bool has_extra(Slot slot, BlockIndex block, PeerKey peer) const;
    std::span<const Extra> extras() const { return extras_; }

    BlockRequest request(Slot slot, BlockIndex block) const;

  private:
    void update_open(Slot slot);
    void free_received(Slot slot);
    void free_if_received(Slot slot, BlockIndex block);

    PieceMap& pieces_;
    std::vector<Begun> slots_;
    std::vector<Slot> spare_;
    std::vector<Slot> open_;
    std::vector<Extra> extras_;
};

}  // namespace spate::swarm
