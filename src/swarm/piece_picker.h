// PiecePicker: which block to ask which peer for. Pure policy over what we have, what peers have and what is
// asked; it holds the state of every block that is under way.
//
// - Order: pieces with a deadline, pieces begun (few missing first), then a new one: highest priority, fewest
//   peers, ties at random. The first random_first_pieces are drawn at random. Sequential mode: lowest index.
// - A block is asked of one peer. A peer for which nothing else is left (end game), or one that would keep a
//   deadline, takes over from a much slower one, which then need not send it. Asked of a second one
//   (duplicates_max more) is only what is long overdue or owed by a snubbed peer. The first answer wins and
//   names those to cancel.
// - PickMode::whole: a fast peer keeps a piece to itself; others help only when nothing new is left.
// - A piece that failed its hash is asked of one peer at a time, so that the next failure has one sender;
//   unless that one takes so long that it holds the piece back.
// - Of the new pieces of the highest priority, one that the peer suggested (BEP 6) goes first.
// - The tail of pad bytes of a piece is never asked for (metainfo::FileLayout::piece_data_size).
//
// Cost: a peer that has everything: O(1) a piece, O(blocks asked). Another: at most scan_max pieces of the
// order, then N/64 words of bitfields; nothing again until something new is there for it. Seeds join and
// leave in O(1), have messages are O(1), a bitfield O(N), a verified piece O(peers). No allocation once the
// tables have grown. Memory: 12 bytes a piece and 2 bits, 4 bytes a block of pieces begun, 16 bytes a
// request, a bitfield for each peer that is no seed. Limits: begun_max, deadlines_max,
// duplicate_requests_max; peers_max. Owner: a torrent's downloads. One thread. The layout must outlive it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/rng.h"
#include "base/time.h"
#include "metainfo/bitfield.h"
#include "metainfo/file_layout.h"
#include "swarm/begun_pieces.h"
#include "swarm/block.h"
#include "swarm/peer_requests.h"
#include "swarm/piece_order.h"

namespace spate::swarm {

using Priority = std::uint8_t;  // 0: not wanted; 1 to 7
inline constexpr Priority priority_normal = 4;
inline constexpr Priority priority_max = 7;

enum class PickMode : std::uint8_t { spread, whole };
// whole: the peer brings a piece of that length within a second.
PickMode pick_mode(std::uint64_t bytes_per_second, std::uint64_t piece_length);

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

class PiecePicker {
  public:
    static constexpr std::uint32_t random_first_pieces = 4;
    static constexpr std::uint32_t scan_max = 1024;
    static constexpr Duration reject_pause = std::chrono::seconds(2);
    static constexpr std::size_t begun_max = 8192;  // pieces; then only those are gone on with
    static constexpr std::size_t deadlines_max = 1024;
    static constexpr std::uint32_t duplicates_max = 2;  // requests for one block beside the first
    static constexpr std::size_t duplicate_requests_max = 1024;
    static constexpr std::size_t suggestions_max = 16;  // of one peer; the newest count
    // A peer that needs longer for the rest of a piece that was left to it alone holds it back.
    static constexpr Duration one_peer_time = std::chrono::seconds(20);
    // All that peers have, one after the other, for such a piece; then others may help: who lets go of it and
    // comes again must not keep it.
    static constexpr Duration one_peer_patience = std::chrono::seconds(60);

    // Everything wanted with priority_normal, nothing there.
    explicit PiecePicker(const metainfo::FileLayout& layout);

    // --- what we have and want
    void set_have(const metainfo::Bitfield& have);  // at the start, before any pick
    const metainfo::Bitfield& have() const { return have_; }
    // Wanted pieces that are not verified yet.
    std::uint32_t missing() const { return wanted_.count(); }
    // At most so many blocks of them are still to come. Costs a look at every piece begun.
    std::uint64_t missing_blocks() const;
    void set_priorities(std::span<const Priority> of_all_pieces);
    Priority priority(PieceIndex piece) const { return pieces_[piece.value].priority; }
    void set_sequential(bool on) { sequential_ = on; }
    // Wanted by then; never: no deadline. Beyond deadlines_max, the latest ones are left out.
    void set_deadline(PieceIndex piece, TimePoint deadline);
    void verified(PieceIndex piece);  // hash right (also one that was never asked for: found on disk)
    void failed(PieceIndex piece);    // hash wrong: all of it is missing again
    void given_up(PieceIndex piece);  // its blocks are gone, though nobody sent a wrong one
    // Blocks of a piece that are there from an earlier run; before any pick. refused: begun_max, or it is
    // begun.
    enum class Restored : std::uint8_t { refused, begun, complete };
    Restored restore(PieceIndex piece, const std::vector<bool>& blocks);
    // One block was shown wrong by its v2 leaf: it alone is missing again.
    void block_failed(const BlockRequest& request);
    void lost(PieceIndex piece);  // verified once, but the disk has it no more

    // --- what peers have. A peer that joined has nothing until it says so.
    void peer_joined(PeerKey peer);
    void peer_has_all(PeerKey peer);                                  // have_all, or a full bitfield
    void peer_bitfield(PeerKey peer, const metainfo::Bitfield& has);  // instead of what was known
    void peer_has(PeerKey peer, PieceIndex piece);
    void peer_lacks(PeerKey peer, PieceIndex piece);  // BEP 54
    // A hint (BEP 6): it would like to give that piece first.
    void peer_suggests(PeerKey peer, PieceIndex piece);
    // All its requests are free again.
    void peer_gone(PeerKey peer);
    bool is_here(PeerKey peer) const;
    // Whether it has a wanted piece that we lack: are we interested?
    bool interesting(PeerKey peer) const;
    bool has(PeerKey peer, PieceIndex piece) const;
    bool is_seed(PeerKey peer) const;
    std::uint32_t count_of(PeerKey peer) const;  // pieces it has
    std::uint32_t seeds() const { return seeds_; }
    std::uint32_t availability(PieceIndex piece) const { return pieces_[piece.value].availability + seeds_; }
    // Every missing wanted piece is with some peer.
    bool all_available() const;

    // --- asking
    // Appends at most `wanted` requests for that peer to `out`; they count as asked from now on. Gives what
    // others need not send any more, as this peer will; valid until the next call.
    std::span<const PeerBlock> pick(PeerKey peer, std::uint32_t wanted, PickMode mode, TimePoint now,
                                    Rng& rng, std::vector<BlockRequest>& out);
    // The same, of these pieces only: allowed-fast ones while the peer chokes us.
    void pick_of(std::span<const PieceIndex> pieces, PeerKey peer, std::uint32_t wanted, TimePoint now,
                 std::vector<BlockRequest>& out);
    // A block came whole from the peer.
    BlockOutcome on_block(PeerKey peer, const BlockRequest& request);
    // Whether it was asked for and is still awaited or may come late: data may be taken as it streams in.
    bool expected(PeerKey peer, const BlockRequest& request) const;
    // Whether the block is needed still: data of a duplicate need not be stored.
    bool needed(const BlockRequest& request) const;
    // Rejected by the peer. It is not asked for that piece within reject_pause; after a second one for
    // nothing.
    // False: it was not asked for.
    bool rejected(PeerKey peer, const BlockRequest& request, TimePoint now);
    // It choked us without the fast extension: all its requests are free again; what is on its way may still
    // come.
    void choked(PeerKey peer);
    std::uint32_t outstanding(PeerKey peer) const;
    // Rate at which the peer answers, how long an answer takes, and whether it stopped to: then all it was
    // asked for is free. Every second or so, and when it owes nothing any more.
    void set_speed(PeerKey peer, std::uint64_t bytes_per_second, bool snubbed, Duration answer_time = {});
    // Nothing wanted is left that is not asked of somebody.
    bool end_game() const;

  private:
    struct Peer {
        bool here = false;
        bool seed = false;  // told us so at once; counted in seeds_, no bitfield
        bool snubbed = false;
        std::uint32_t late = 0;          // blocks that may come though nothing is asked any more
        std::uint32_t wanted = 0;        // pieces it has and we want
        std::uint32_t nothing_new = 0;   // the value of news_ when it had no new piece for us
        PieceIndex avoided{UINT32_MAX};  // rejected a block of it, until
        TimePoint avoided_until{};
        TimePoint paused_until{};   // rejected several pieces
        TimePoint duplicates_at{};  // not tried before
        std::uint64_t speed = 0;    // 0: not known yet
        Duration answer_time{};
        metainfo::Bitfield has{};
        PeerRequests requests{};
        std::vector<PieceIndex> suggested{};  // newest last
    };
    struct Ask;
    using Slot = BegunPieces::Slot;

    Peer& peer_at(PeerKey key);
    const Peer& peer_at(PeerKey key) const;
    static bool peer_has_piece(const Peer& peer, PieceIndex piece);
    static bool has_everything(const Peer& peer);
    bool is_wanted(PieceIndex piece) const;
    bool is_block(const BlockRequest& request) const;
    Slot slot_of(PieceIndex piece) const;  // BegunPieces::none: not begun
    std::uint32_t request_bytes(PieceIndex piece) const;

    void enter_order(PieceIndex piece);
    void leave_order(PieceIndex piece);
    void count_peer(PieceIndex piece, bool more);
    void count_bitfield(const metainfo::Bitfield& has, bool more);
    void set_wanted(PieceIndex piece, bool wanted);
    void recount_wanted(Peer& peer) const;
    void forget_pieces(Peer& peer);

    // piece_picker_ask.cpp, piece_picker_help.cpp
    bool may_ask(const Ask& ask, PieceIndex piece) const;
    bool is_held_back(const BegunPieces::Begun& begun, const Ask& ask) const;
    void ask_piece(PieceIndex piece, Ask& ask);
    void ask_deadlines(Ask& ask);
    std::optional<Slot> best_begun(const Ask& ask, bool of_others) const;
    std::optional<PieceIndex> best_new(Ask& ask);
    std::optional<PieceIndex> suggested(Ask& ask) const;
    std::optional<PieceIndex> any_in_order(const Ask& ask) const;
    std::optional<PieceIndex> best_in_order(const Ask& ask) const;
    std::optional<PieceIndex> best_in_bitfields(const Ask& ask) const;
    Slot begin(PieceIndex piece);
    std::uint32_t ask_free(Slot slot, Ask& ask);
    void help_others(Ask& ask);
    void help_from_end(PeerKey holder, Ask& ask);
    void help(PeerKey holder, std::size_t number, Duration least, Ask& ask);
    bool may_help(Slot slot, BlockIndex block, const Ask& ask) const;
    bool ask_duplicate(Slot slot, BlockIndex block, Ask& ask);
    void take_over(Slot slot, BlockIndex block, PeerKey holder, Ask& ask);
    static Duration time_for(const Peer& peer, std::size_t blocks);
    static Duration answer_from(const Peer& peer);
    static Duration lateness(const Peer& peer, const Ask& ask);
    static Duration late_enough(const Ask& ask);
    static Duration overdue(const Peer& peer, std::size_t number, const Ask& ask);

    void release(PeerKey key, PieceIndex piece, BlockIndex block);
    void release_all(PeerKey key, Peer& peer);
    void end_if_untouched(Slot slot);
    void cancel_others(Slot slot, BlockIndex block, PeerKey winner);
    void cancel(Slot slot, BlockIndex block, PeerKey peer);
    void return_block(Slot slot, BlockIndex block);

    const metainfo::FileLayout& layout_;
    std::vector<Piece> pieces_;
    metainfo::Bitfield have_;
    metainfo::Bitfield wanted_;  // priority above 0, not verified
    metainfo::Bitfield fresh_;   // those of them in the order
    PieceOrder order_;
    bool order_stale_ = true;
    bool sequential_ = false;
    std::uint32_t news_ = 1;  // grows when a piece comes into the order
    BegunPieces begun_;
    std::vector<Peer> peers_;
    std::uint32_t seeds_ = 0;
    struct Deadline {
        TimePoint at;
        PieceIndex piece;
    };
    std::vector<Deadline> deadlines_;  // soonest first
    struct Holder {
        Duration late;
        PeerKey peer;
    };
    std::vector<PeerBlock> cancel_;  // of on_block, and of pick
    std::vector<Holder> holders_;    // while looking for the slowest
};

}  // namespace spate::swarm
