// Hashes of v2 torrents between peers (BEP 52): which requests are valid, their answers, and whether an
// answer is true. Pure functions over hash/merkle.h; the bookkeeping of a download is in piece_layer_fetch.h.
//
// A file's tree: leaves of 16 KiB at height 0, the piece layer at piece_height, the root on top; padded with
// zero leaves to a power of two.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "hash/merkle.h"
#include "metainfo/metainfo.h"
#include "wire/message.h"

namespace spate::wire {

struct HashTree {
    hash::Sha256 root{};
    std::uint64_t leaves = 0;   // of the file, unpadded; at least 1
    unsigned piece_height = 0;  // of the piece layer
    unsigned height() const { return hash::tree_height(leaves); }
    std::uint64_t pieces() const { return metainfo::units(leaves, std::uint64_t{1} << piece_height); }
    bool operator==(const HashTree&) const = default;
};
// Of a file of a v2 torrent that is not empty.
HashTree hash_tree(const metainfo::FileLayout& layout, metainfo::FileIndex file);

// length a power of two from 2 to hashes_served_max, index a multiple of it and inside the padded layer,
// proof layers no further than below the root, root the tree's. Nothing wraps.
bool is_valid_hash_request(const HashRequest& request, const HashTree& tree);

// Hashes that an answer to a valid request brings: of the layer and uncles.
std::size_t hashes_expected(const HashRequest& request);

// The pieces of the file whose leaves an answer below the piece layer is made of, for a valid request; empty
// for one that PieceTree answers alone.
metainfo::PieceRange pieces_for(const HashRequest& request, const HashTree& tree);

// The tree of one file from its piece layer upwards, built once, to answer from. Memory: 64 bytes a piece.
class PieceTree {
  public:
    // piece_layer: the hashes of all pieces; none for a file of one piece.
    PieceTree(const HashTree& tree, std::span<const hash::Sha256> piece_layer);

    const HashTree& tree() const { return tree_; }
    // For a valid request. leaves: all leaves of pieces_for(request), cut at the file's end. They must have
    // been checked: the answer holds whatever is given.
    std::vector<hash::Sha256> answer(const HashRequest& request,
                                     std::span<const hash::Sha256> leaves = {}) const;

  private:
    const hash::Sha256& node(unsigned height, std::uint64_t index) const;

    HashTree tree_;
    std::vector<std::vector<hash::Sha256>> layers_;  // from the piece layer to the root
};

// For the message: the octets of the hashes, which they view.
Bytes octets(std::span<const hash::Sha256> hashes);

// Whether the answer to a valid request that asked for all proof layers leads to the root. The request is the
// one that was asked; the answer's own is not looked at.
bool verify_hashes(const HashRequest& asked, const HashTree& tree, Bytes hashes);

// The request for that range of a layer with its whole proof.
HashRequest request_of(const HashTree& tree, unsigned base_layer, std::uint32_t index, std::uint32_t length);

}  // namespace spate::wire
