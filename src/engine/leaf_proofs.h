// LeafProofs: the leaves of v2 pieces that came out wrong, asked of peers (BEP 52), so that the senders of
// wrong blocks are known at once and not only when the piece is right. What is kept leads to the file's root,
// so it does not matter who answers. A peer is asked once for a piece; without an answer within answer_time,
// or when it rejects, another one is. Policy; the owner sends. Limits: pieces_max, tries_max peers each;
// leaves of a piece wire::hashes_asked_max (8 MiB). Owner: Downloads. Thread: the reactor's.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/peer_table.h"
#include "metainfo/metainfo.h"
#include "swarm/piece_picker.h"
#include "wire/hash_exchange.h"

namespace spate::engine {

class LeafProofs {
  public:
    static constexpr std::size_t pieces_max = 64;
    static constexpr std::size_t tries_max = 8;
    static constexpr Duration answer_time = std::chrono::seconds(20);
    using Leaves = std::vector<hash::Sha256>;

    LeafProofs(const metainfo::Metainfo& metainfo, const PeerTable& peers, const swarm::PiecePicker& picker)
        : metainfo_(metainfo), peers_(peers), picker_(picker) {}

    // Its leaves are wanted. Nothing happens for a piece that has none, or no known hash.
    void want(metainfo::PieceIndex piece);
    void forget(metainfo::PieceIndex piece);
    // Null: not known.
    const Leaves* leaves_of(metainfo::PieceIndex piece) const;

    // Sends what is to be asked now.
    void ask(TimePoint now);
    // The piece whose leaves are known now; nothing: not asked, late, or wrong (then `wrong`).
    std::optional<metainfo::PieceIndex> on_hashes(const Peer& peer, const wire::Hashes& message, bool& wrong);
    void on_reject(const Peer& peer, const wire::HashReject& message);
    void peer_gone(const Peer& peer);

  private:
    struct Wanted {
        metainfo::PieceIndex piece;
        wire::HashTree tree;
        wire::HashRequest request;
        std::vector<std::uint32_t> tried{};  // numbers of peers, the last one is asked now
        bool asked = false;
        TimePoint until{};
        Leaves leaves{};  // once known
    };
    std::optional<Wanted> plan(metainfo::PieceIndex piece) const;
    Peer* next_peer(const Wanted& wanted) const;
    Wanted* asked_of(const Peer& peer, const wire::HashRequest& request);

    const metainfo::Metainfo& metainfo_;
    const PeerTable& peers_;
    const swarm::PiecePicker& picker_;
    std::vector<Wanted> wanted_;  // oldest first
};

}  // namespace spate::engine
