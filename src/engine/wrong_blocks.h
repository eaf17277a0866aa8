// WrongBlocks: who is shown to have sent one: by the digests of the blocks of pieces that failed
// (swarm::BlockBlame), and by their leaves where the torrent has them (LeafProofs). Limits: theirs. Owner:
// Downloads. Thread: the reactor's.
#pragma once

#include <vector>

#include "engine/leaf_proofs.h"
#include "piece_store/piece_store.h"
#include "swarm/block_blame.h"

namespace spate::engine {

class WrongBlocks {
  public:
    using Senders = std::vector<Endpoint>;

    // All outlive it.
    WrongBlocks(const metainfo::Metainfo& metainfo, const PeerTable& peers, const swarm::PiecePicker& picker)
        : proofs_(metainfo, peers, picker) {}

    void received(const swarm::BlockRequest& block, const Endpoint& from) {
        blame_.received(block.piece, block.block(), blame_.sender(from));
    }
    // The piece was hashed: who is shown wrong by that.
    Senders on_right(const piece_store::PieceVerdict& verdict);
    Senders on_wrong(const piece_store::PieceVerdict& verdict);
    // What was under way of it is given up.
    void forget(metainfo::PieceIndex piece) { blame_.forget(piece); }

    // Asks for leaves that are wanted.
    void ask(TimePoint now) { proofs_.ask(now); }
    // Who is shown wrong by them; nothing: they prove nothing, and the peer is to be left.
    std::optional<Senders> on_hashes(const Peer& peer, const wire::Hashes& message);
    void on_reject(const Peer& peer, const wire::HashReject& message) { proofs_.on_reject(peer, message); }
    void peer_gone(const Peer& peer) { proofs_.peer_gone(peer); }

  private:
    Senders endpoints(std::span<const swarm::Sender> senders) const;

    swarm::BlockBlame blame_;
    LeafProofs proofs_;
};

}  // namespace spate::engine
