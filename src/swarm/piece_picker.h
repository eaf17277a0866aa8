// PiecePicker: which block to ask which peer for. Pure policy over what we have, what peers have and what is
// asked. What it knows is in PieceMap (how each piece stands), BegunPieces (its blocks), PickerPeers (who has
// what) and OpenRequests (who owes what); how it chooses, in PieceDeadlines, PieceChoice and EndGame.
//
// - Order: pieces with a deadline, pieces begun, then a new one.
// - A block is asked of one peer. A peer for which nothing else is left (end game), or one that would keep a
//   deadline, takes over from a much slower one. The first answer wins.
// - PickMode::whole: a fast peer keeps a piece to itself; others help only when nothing new is left.
// - A piece that failed its hash is asked of one peer at a time, so that the next failure has one sender;
//   unless that one takes so long that it holds the piece back.
// - The tail of pad bytes of a piece is never asked for (metainfo::FileLayout::piece_data_size).
//
// No allocation once the tables have grown. Memory and limits: as its parts say. Owner: a torrent's
// downloads. One thread. The layout must outlive it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/rng.h"
#include "base/time.h"
#include "swarm/end_game.h"
#include "swarm/piece_choice.h"
#include "swarm/piece_deadlines.h"

namespace spate::swarm {

class PiecePicker {
  public:
    // Everything wanted with priority_normal, nothing there.
    explicit PiecePicker(const metainfo::FileLayout& layout) : pieces_(layout) {}
    PiecePicker(const PiecePicker&) = delete;
    PiecePicker& operator=(const PiecePicker&) = delete;

    // --- what we have and want
    void set_have(const metainfo::Bitfield& have);  // at the start, before any pick
    const metainfo::Bitfield& have() const { return pieces_.have(); }
    // Wanted pieces that are not verified yet.
    std::uint32_t missing() const { return pieces_.wanted().count(); }
    // At most so many blocks of them are still to come. Costs a look at every piece begun.
    std::uint64_t missing_blocks() const;
    void set_priorities(std::span<const Priority> of_all_pieces);
    Priority priority(PieceIndex piece) const { return pieces_[piece].priority; }
    void set_sequential(bool on) { choice_.set_sequential(on); }
    // Wanted by then; never: no deadline.
    void set_deadline(PieceIndex piece, TimePoint deadline);
    void verified(PieceIndex piece);  // hash right (also one that was never asked for: found on disk)
    void failed(PieceIndex piece);    // hash wrong: all of it is missing again
    void given_up(PieceIndex piece);  // its blocks are gone, though nobody sent a wrong one
    // Blocks of a piece that are there from an earlier run, not all; before any pick. False: they are of no
    // use.
    bool restore(PieceIndex piece, const std::vector<bool>& blocks) { return begun_.restore(piece, blocks); }
    // One block was shown wrong by its v2 leaf: it alone is missing again.
    void block_failed(const BlockRequest& request) { begun_.block_failed(request); }
    void lost(PieceIndex piece);  // verified once, but the disk has it no more

    // --- what peers have. A peer that joined has nothing until it says so.
    void peer_joined(PeerKey peer) { peers_.joined(peer); }
    void peer_has_all(PeerKey peer) { peers_.has_all(peer); }  // have_all, or a full bitfield
    // Instead of what was known.
    void peer_bitfield(PeerKey peer, const metainfo::Bitfield& has) { peers_.bitfield(peer, has); }
    void peer_has(PeerKey peer, PieceIndex piece) { peers_.has(peer, piece); }
    void peer_lacks(PeerKey peer, PieceIndex piece) { peers_.lacks(peer, piece); }  // BEP 54
    // A hint (BEP 6): it would like to give that piece first.
    void peer_suggests(PeerKey peer, PieceIndex piece) { peers_.suggests(peer, piece); }
    // All its requests are free again.
    void peer_gone(PeerKey peer);
    bool is_here(PeerKey peer) const { return peers_.is_here(peer); }
    // Whether it has a wanted piece that we lack: are we interested?
    bool interesting(PeerKey peer) const { return peers_.interesting(peer); }
    bool has(PeerKey peer, PieceIndex piece) const { return peers_.at(peer).pieces.has(piece); }
    bool is_seed(PeerKey peer) const { return peers_.at(peer).pieces.all(); }
    std::uint32_t count_of(PeerKey peer) const { return peers_.count_of(peer); }  // pieces it has
    std::uint32_t seeds() const { return peers_.seeds(); }
    std::uint32_t availability(PieceIndex piece) const { return pieces_[piece].availability + seeds(); }
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
    BlockOutcome on_block(PeerKey peer, const BlockRequest& request) {
        return requests_.on_block(peer, request);
    }
    // Whether it was asked for and is still awaited or may come late: data may be taken as it streams in.
    bool expected(PeerKey peer, const BlockRequest& request) const {
        return requests_.expected(peer, request);
    }
    // Whether the block is needed still: data of a duplicate need not be stored.
    bool needed(const BlockRequest& request) const { return begun_.needed(request); }
    // Rejected by the peer, which is asked for less for a while (PeerRejects). False: it was not asked for.
    bool rejected(PeerKey peer, const BlockRequest& request, TimePoint now) {
        return requests_.rejected(peer, request, now);
    }
    // It choked us without the fast extension: all its requests are free again; what is on its way may still
    // come.
    void choked(PeerKey peer) { requests_.choked(peer); }
    std::uint32_t outstanding(PeerKey peer) const {
        return static_cast<std::uint32_t>(peers_.at(peer).requests.size());
    }
    // Rate at which the peer answers, how long an answer takes, and whether it stopped to: then all it was
    // asked for is free. Every second or so, and when it owes nothing any more.
    void set_speed(PeerKey peer, std::uint64_t bytes_per_second, bool snubbed, Duration answer_time = {});
    // Nothing wanted is left that is not asked of somebody.
    bool end_game() const { return begun_.all_asked(); }

  private:
    void ask_piece(PieceIndex piece, Ask& ask);
    void ask_deadlines(Ask& ask);

    PieceMap pieces_;
    BegunPieces begun_{pieces_};
    PickerPeers peers_{pieces_};
    OpenRequests requests_{pieces_, begun_, peers_};
    PieceDeadlines deadlines_;
    PieceChoice choice_{pieces_, begun_, requests_};
    EndGame end_game_{begun_, peers_, requests_};
};

}  // namespace spate::swarm
