// BlockBlame: who sent the wrong block. For every block under way it remembers who sent it. When a piece
// fails its hash, sender and digest of each block are kept; when the piece comes out right later, exactly the
// senders of blocks that differ from the right ones are shown wrong (row 31). A piece of one sender, and a
// block that fails its v2 leaf, show the sender at once.
//
// Senders outlive their connections: they are endpoints. Limits: senders_max (those of whom no block is
// remembered make room), evidence of blocks_max blocks (40 bytes each), the oldest piece is forgotten first.
// Owner: a torrent. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/endpoint.h"
#include "base/strong_index.h"
#include "hash/digest.h"
#include "swarm/block.h"

namespace spate::swarm {

using Sender = StrongIndex<struct SenderTag>;
using BlockDigest = hash::Sha256;

class BlockBlame {
  public:
    static constexpr std::size_t senders_max = 16'384;
    static constexpr std::size_t blocks_max = 65'536;

    // The number of a sender, for received() at once: one of whom no block is remembered may lose it.
    Sender sender(const Endpoint& endpoint);
    const Endpoint& endpoint(Sender sender) const { return senders_[sender.value]; }

    // The block was accepted from that sender (BlockVerdict::accepted).
    void received(PieceIndex piece, BlockIndex block, Sender from);
    // The piece failed; digests of its blocks, as they were. Gives those shown wrong already: who sent all of
    // it.
    std::vector<Sender> failed(PieceIndex piece, std::span<const BlockDigest> blocks);
    // The block is not the leaf that the file's tree has.
    std::vector<Sender> block_failed(PieceIndex piece, BlockIndex block);
    // Whether passed() needs the digests: the piece failed before.
    bool suspected(PieceIndex piece) const { return evidence_.contains(piece); }
    // The piece is right. Gives those shown wrong, each once.
    std::vector<Sender> passed(PieceIndex piece, std::span<const BlockDigest> blocks);
    // The same, before the piece is right: its blocks are known by their v2 leaves.
    std::vector<Sender> proven(PieceIndex piece, std::span<const BlockDigest> blocks);
    // What was under way of the piece is given up.
    void forget(PieceIndex piece) { senders_of_.erase(piece); }

    std::size_t evidence_blocks() const { return evidence_blocks_; }

  private:
    struct Sent {
        BlockIndex block;
        Sender from;
        BlockDigest digest;
    };
    void make_room(std::size_t blocks);
    void forget_senders();
    void drop_evidence(PieceIndex piece);

    static constexpr Sender nobody{UINT32_MAX};
    std::vector<Endpoint> senders_;
    std::map<Endpoint, Sender> numbers_;
    std::vector<Sender> free_numbers_;
    std::unordered_map<PieceIndex, std::vector<Sender>> senders_of_;  // by block
    std::unordered_map<PieceIndex, std::vector<Sent>> evidence_;
    std::deque<PieceIndex> oldest_;  // pieces in evidence_
    std::size_t evidence_blocks_ = 0;
};

}  // namespace spate::swarm
