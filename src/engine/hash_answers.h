// HashAnswers: answers hash requests of v2 peers (BEP 52). Those for the piece layer and above are answered
// at once out of the layers we hold. Leaves, and what is between, are read and hashed on the pool, a window
// of a piece after the other, one request after the other; they are sent only if they lead to the piece's
// hash. Requests that are not valid are rejected, and those of pieces that are not here (reliability.md rows
// 46, 47).
//
// Limits: trees_max files whose trees are kept (64 bytes a piece; who asks for one that is not kept pays with
// hash requests), pieces_kept pieces whose leaves are; waiting_max requests for leaves, peer_waiting_max of
// one peer; leaves_max, and pieces_max, of one request; a connection may have leaves made of twice the
// torrent's bytes. Owner: MessageRouter. Thread: the reactor's.
#pragma once

#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <vector>

#include "engine/torrent_parts.h"
#include "wire/hash_exchange.h"

namespace spate::engine {

class HashAnswers {
  public:
    static constexpr std::size_t trees_max = 32;
    static constexpr std::size_t pieces_kept = 64;
    static constexpr std::size_t waiting_max = 32;
    static constexpr std::size_t peer_waiting_max = 8;
    static constexpr std::uint64_t leaves_max = 1024;
    static constexpr std::uint32_t pieces_max = 32;

    explicit HashAnswers(TorrentParts& parts) : parts_(parts) {}
    ~HashAnswers() { *alive_ = false; }
    HashAnswers(const HashAnswers&) = delete;
    HashAnswers& operator=(const HashAnswers&) = delete;

    // The torrent's content is there.
    void answer(Peer& peer, const wire::HashRequest& request);

  private:
    using Leaves = std::vector<hash::Sha256>;
    struct Tree {
        hash::Sha256 root;
        metainfo::PieceIndex first;  // piece of the file
        wire::PieceTree pieces;
    };
    struct Waiting {
        swarm::PeerKey key;
        std::uint32_t number = 0;  // of the peer
        wire::HashRequest request;
        metainfo::PieceRange pieces;
    };
    struct Reading {  // a piece of the first that waits
        metainfo::PieceIndex piece;
        Leaves leaves;
    };
    struct Kept {
        metainfo::PieceIndex piece;
        Leaves leaves;
    };
    // Null: no such file here, or its hashes are not known.
    const Tree* tree_of(const hash::Sha256& root);
    const metainfo::File* file_of(const hash::Sha256& root) const;
    const Tree* known(const hash::Sha256& root);
    bool may_ask(Peer& peer, const wire::HashRequest& request);
    void wait_for_leaves(Peer& peer, const wire::HashRequest& request, const metainfo::PieceRange& pieces);
    void go_on();
    void read_on();
    void hash(piece_store::BlockView view);
    void piece_read();
    void finish(bool answered);
    Leaves leaves_of(const metainfo::PieceRange& pieces) const;
    const Kept* kept(metainfo::PieceIndex piece) const;

    TorrentParts& parts_;
    std::list<Tree> trees_;  // used last: first
    std::deque<Waiting> waiting_;
    std::optional<Reading> reading_;
    std::deque<Kept> kept_;  // oldest first
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace spate::engine
