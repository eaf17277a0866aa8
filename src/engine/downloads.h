// Downloads: what to ask of whom, and what becomes of the answers. The store keeps the blocks of different
// senders apart; complete pieces are hashed, and only then ours. A sender is banned when shown wrong
// (reliability.md row 31); unasked data is dropped, and who goes on with it is left (row 32).
// Owner: Content. Thread: the reactor's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/rng.h"
#include "engine/peer_table.h"
#include "engine/rest_shares.h"
#include "engine/wrong_blocks.h"
#include "metainfo/metainfo.h"
#include "piece_store/piece_store.h"
#include "swarm/piece_picker.h"
#include "swarm/stream_window.h"

namespace spate::engine {

// Somebody who sends whole blocks and is no peer of the wire.
struct BlockSource {
    swarm::PeerKey key;
    piece_store::Source source;
    Endpoint endpoint;
};

class DownloadsOwner {
  public:
    virtual ~DownloadsOwner() = default;
    // Hashed, and to be told to others.
    virtual void on_piece_there(metainfo::PieceIndex piece) = 0;
    // Whatever is missing was asked of somebody: the end game.
    virtual void on_all_asked() = 0;
    virtual void on_shown_wrong(const Endpoint& sender) = 0;
    virtual void on_disk_error(const Error& error) = 0;
    virtual void close_peer(Peer& peer, wire::CloseReason reason) = 0;
};

class Downloads {
  public:
    static constexpr std::uint32_t unasked_max = 64;          // blocks, then the peer is left
    static constexpr std::uint32_t false_rejects_max = 1000;  // of what was not asked for

    // The metainfo outlives it.
    Downloads(const metainfo::Metainfo& metainfo, piece_store::PieceStore& store, PeerTable& peers, Rng& rng,
              DownloadsOwner& owner);

    swarm::PiecePicker& picker() { return picker_; }
    const swarm::PiecePicker& picker() const { return picker_; }
    // Nothing is asked before: the disk's state is not known.
    void start(const metainfo::Bitfield& have);
    // Blocks of a piece that are on disk from an earlier run; after start().
    void restore(metainfo::PieceIndex piece, const std::vector<bool>& blocks);
    // Nothing more is asked for, what was asked for may come.
    void pause(bool paused);

    // For somebody who looks at it while it comes: pieces in order, the next ones with deadlines.
    void stream();

    void peer_joined(Peer& peer);
    void peer_gone(Peer& peer);
    void source_gone(const BlockSource& source);
    // The peer tells what it has; no piece is beyond the end.
    void on_bitfield(Peer& peer, const metainfo::Bitfield& has);
    void on_have_all(Peer& peer);
    void on_have(Peer& peer, metainfo::PieceIndex piece);
    void on_dont_have(Peer& peer, metainfo::PieceIndex piece);

    void on_choke(Peer& peer);
    // More is asked for when all it said at once was heard: fill().
    void on_unchoke(Peer& peer) { peer.down.choked = false; }
    void on_allowed_fast(Peer& peer, metainfo::PieceIndex piece);
    void on_hashes(Peer& peer, const wire::Hashes& message);
    void on_hash_reject(Peer& peer, const wire::HashReject& message);
    void on_reject(Peer& peer, const wire::BlockRequest& request, TimePoint now);
    void on_block_bytes(Peer& peer, const wire::BlockBytes& bytes, TimePoint now);
    void on_block(const BlockSource& source, const swarm::BlockRequest& block, Bytes bytes, TimePoint now);

    // The store decided about whole pieces.
    void on_verdicts(std::span<const piece_store::PieceVerdict> verdicts);
    // It was on disk all the time.
    void on_found(metainfo::PieceIndex piece);
    void on_lost(std::span<const metainfo::PieceIndex> pieces);

    // Asks the peer for more if it may be asked.
    void fill(Peer& peer, TimePoint now);
    // The same of a source: `out` is to be asked of it.
    void fill(const BlockSource& source, std::uint32_t wanted, TimePoint now,
              std::vector<swarm::BlockRequest>& out);
    // End of a turn: who is interesting, and new work for those that have none.
    void on_turn_end(TimePoint now);
    // At the end of this turn all are asked for what there is.
    void look_again() { stale_ = true; }
    void on_tick(TimePoint now);

    std::uint64_t downloaded() const { return received_.bytes; }
    std::uint64_t wasted() const { return received_.wasted; }
    std::uint64_t rate(TimePoint now) const { return received_.rate.rate(now); }

  private:
    void begin_block(Peer& peer, const wire::BlockRequest& request);
    void end_block(Peer& peer, const wire::BlockRequest& request, TimePoint now);
    void on_all_answered(Peer& peer);
    // What became of a whole block; `taken`: the store has it.
    swarm::BlockOutcome settle(swarm::PeerKey key, const swarm::BlockRequest& block, bool taken,
                               TimePoint now);
    void accept(const swarm::BlockRequest& block, const Endpoint& from, const swarm::BlockOutcome& outcome);
    void cancel(std::span<const swarm::PeerBlock> blocks);
    void on_verdict(const piece_store::PieceVerdict& verdict);
    void on_bad_piece(const piece_store::PieceVerdict& verdict);
    void blame(const WrongBlocks::Senders& wrong);
    void update_interest(Peer& peer);
    void fill_all(TimePoint now);

    const metainfo::FileLayout& layout_;
    piece_store::PieceStore& store_;
    PeerTable& peers_;
    Rng& rng_;
    DownloadsOwner& owner_;
    swarm::PiecePicker picker_;
    WrongBlocks wrong_;
    std::optional<swarm::StreamWindow> stream_;
    struct Received {
        std::uint64_t bytes = 0;
        std::uint64_t wasted = 0;  // of them
        swarm::RateMeter rate{};   // of those that were asked for
    } received_;
    RestShares shares_;
    std::vector<swarm::BlockRequest> picked_;
    bool started_ = false;
    bool paused_ = false;
    bool stale_ = false;  // interest and idle peers are to be looked at again
};

}  // namespace spate::engine
