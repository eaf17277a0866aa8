// SuperSeeding (BEP 16): the only seed hides what it has and reveals pieces one by one, each to one peer, so
// that the first copy of everything leaves it once and peers must pass it on.
//
// How the owner uses it: it tells new peers have_none (or nothing), never have_all; calls reveal() after
// every event below and sends what comes as have messages; refuses requests for which may_request() is false.
// When finished(), it sends rest() of every peer as have messages and drops this object: from then on it is
// an ordinary seed.
//
// - A peer has as much revealed and unserved as fills its window: nothing waits for anybody, and the first
//   copy leaves the seed as fast as its link allows. (BEP 16 reveals one piece at a time, the next one when
//   another peer shows that it got it.)
// - At most fan_out_max peers have something revealed and unserved, those that got least first, in turns of
//   turn_bytes, and in all no more than set_ahead() and on_dry() say: pieces get whole quickly, so that they
//   can be passed on, and that work is spread evenly. Who takes nothing for active_time holds up nobody.
//   Pieces are given in order from a random start, so the disk is read in order.
// - Newcomers are waited for newcomer_time only. In a crowd (of crowd_min of them in a row none took
//   anything) they do not count: each is shown one piece, whoever else has something under way, and that is
//   given to it alone only when it asks for it. Who does so makes up for in_vain_per_taker that did not.
// - When all is given, whoever waits gets what a newcomer let lie for lying_time (a tracker's probe does).
// - A peer that goes, or is not served any more, gives back what it did not show to have.
//
// Which pieces are left to give is in PiecesToGive, what each peer was given in GivenPieces, how much goes
// ahead in AheadBudget.
//
// Memory: 6 bytes a piece, two bitfields a peer. Limit: pieces_max. Owner: a torrent's uploads. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/rng.h"
#include "base/time.h"
#include "metainfo/bitfield.h"
#include "metainfo/file_layout.h"
#include "swarm/ahead_budget.h"
#include "swarm/block.h"
#include "swarm/given_pieces.h"
#include "swarm/pieces_to_give.h"

namespace spate::swarm {

struct RevealedPiece {
    PeerKey peer;
    PieceIndex piece;
    bool operator==(const RevealedPiece&) const = default;
};

class SuperSeeding {
  public:
    static constexpr std::uint32_t pieces_max = 1 << 16;  // more: have messages would weigh too much
    static constexpr std::uint32_t fan_out_max = 64;
    static constexpr std::uint64_t turn_bytes = 256 << 10;
    static constexpr std::uint64_t window_min = 256 << 10;  // bytes; at least two pieces
    static constexpr Duration active_time = std::chrono::seconds(2);
    static constexpr std::uint64_t others_growth = 8;
    static constexpr Duration newcomer_time = std::chrono::milliseconds(500);
    static constexpr Duration lying_time = std::chrono::milliseconds(100);
    static constexpr std::uint32_t crowd_min = 8;
    static constexpr std::uint32_t in_vain_per_taker = 16;
    static constexpr std::uint32_t in_vain_max = 4 * in_vain_per_taker;
    static constexpr Duration patience = std::chrono::seconds(15);  // with a slow peer at the very end
    static bool suits(std::uint32_t piece_count) { return piece_count > 0 && piece_count <= pieces_max; }

    // We have every piece of the layout, which must outlive this.
    SuperSeeding(const metainfo::FileLayout& layout, Rng& rng);

    void peer_joined(PeerKey peer);
    void peer_bitfield(PeerKey peer, const metainfo::Bitfield& has);
    void peer_has(PeerKey peer, PieceIndex piece);
    void peer_gone(PeerKey peer);
    // Whether it is to be given pieces: false for one that we choke though it is interested, or that has all.
    void set_served(PeerKey peer, bool served);
    // Bytes it takes in half a second or so; window_min at least counts.
    void set_window(PeerKey peer, std::uint64_t bytes);
    // What goes ahead of our link in all: what it carries in a second or so.
    void set_ahead(std::uint64_t bytes) { ahead_.set(bytes); }
    // Nothing that was asked for waits to be sent, so our link may stand still: more goes ahead.
    void on_dry() { ahead_.on_dry(); }
    // Every second or so: less again.
    void fade() { ahead_.fade(); }
    // Payload that was sent (on_sent) and waits in our own output still.
    void set_backlog(PeerKey peer, std::uint64_t bytes);
    // It asked for some of that piece.
    void on_asked(PeerKey peer, PieceIndex piece);
    // Payload of that piece went out to it. Gives how much of that was the first copy, and owed still.
    std::uint32_t on_sent(PeerKey peer, PieceIndex piece, std::uint32_t bytes, TimePoint now);
    // So much of that did not go out after all.
    void on_taken_back(PeerKey peer, PieceIndex piece, std::uint32_t bytes);

    void reveal(TimePoint now, std::vector<RevealedPiece>& out);
    bool may_request(PeerKey peer, PieceIndex piece) const;
    // Every piece went out once or is with some peer: the owner reveals the rest and goes on as an ordinary
    // seed.
    bool finished() const { return to_give_.closed(); }
    // Pieces that the peer was not told of and does not have.
    void rest(PeerKey peer, std::vector<PieceIndex>& out) const;
    std::uint32_t not_given() const { return to_give_.count(); }
    // Bytes that it was shown and that did not go out to it.
    std::uint64_t unsent(PeerKey peer) const { return peer_at(peer).given.waiting(); }
    // It wants something, though it was shown nothing.
    void wants_blindly(PeerKey peer);
    // It does not want what it was shown: it is shown some more, from elsewhere; more each time.
    void show_others(PeerKey peer, TimePoint now, std::vector<RevealedPiece>& out);
    // It gives back what it was given and is served no more; it may ask for everything, `rest` included.
    void show_all(PeerKey peer, std::vector<PieceIndex>& rest);

  private:
    struct Peer {
        bool here = false;
        bool served = true;
        std::uint64_t window = window_min;
        bool took = false;          // something of what it was shown
        bool in_vain = false;       // it took nothing in time, and was counted
        std::uint64_t others = 0;   // show_others() at once
        std::uint64_t backlog = 0;  // sent, in our output
        TimePoint took_at{};        // of what it was given; or was given something, having nothing
        metainfo::Bitfield has{};
        metainfo::Bitfield revealed{};
        GivenPieces given{};
        std::uint64_t under_way() const { return given.unsent() + backlog; }
    };
    Peer& peer_at(PeerKey key);
    const Peer& peer_at(PeerKey key) const;
    bool takes_more(const Peer& peer) const;
    bool in_crowd() const { return in_vain_ >= crowd_min; }
    bool is_active(const Peer& peer, TimePoint now) const {
        return now - peer.took_at < (peer.took ? active_time : newcomer_time) && (peer.took || !in_crowd());
    }
    void look_at_newcomers(TimePoint now);
    void count_in_vain(Peer& peer);
    void on_first_taken(Peer& peer);
    void reserve(PeerKey key, Peer& peer, GivenPiece& one);
    void offer(PeerKey key, PieceIndex from, std::uint64_t bytes, TimePoint now,
               std::vector<RevealedPiece>& out);
    void offer_to_newcomers(TimePoint now, std::vector<RevealedPiece>& out);
    void lend_what_lies(TimePoint now);
    bool enough_ahead(TimePoint now) const;
    std::optional<std::uint32_t> next_peer(TimePoint now) const;
    void finish_if_sent(TimePoint now);
    void give_next(PeerKey key, TimePoint now, std::vector<RevealedPiece>& out);
    void take_back(PeerKey key, Peer& peer);

    const metainfo::FileLayout& layout_;
    std::vector<Peer> peers_;
    PiecesToGive to_give_;
    AheadBudget ahead_;
    std::uint32_t in_vain_ = 0;  // newcomers that took nothing, beyond in_vain_per_taker for each that did
};

}  // namespace spate::swarm
