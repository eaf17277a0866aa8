// Merkle trees of v2 torrents (BEP 52): SHA-256, two children a node, one leaf a 16 KiB block of the file.
// Leaves beyond the file's end are 32 zero bytes, up to a power of two. Height 0 is the leaves; the piece
// layer of piece length P is at height log2(P / 16 KiB). Nodes are hashed side by side (lanes.h).
//
// Limits: kMaxTreeHeight levels (far more than a file can have); memory of a builder is 1 KiB a level, and
// the piece layer. Pure functions and plain objects; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "hash/digest.h"

namespace spate::hash {

inline constexpr std::uint64_t kLeafSize = 16 * 1024;
inline constexpr unsigned kMaxTreeHeight = 50;

// Leaves of a file of that size: 0 for an empty file, which has no tree.
std::uint64_t leaf_count(std::uint64_t file_size);

// Height of the root over that many nodes: the least h with 2^h >= nodes; 0 for none.
unsigned tree_height(std::uint64_t nodes);

// The root of a tree of that height (<= kMaxTreeHeight) whose leaves are all beyond the file's end.
const Sha256& pad_hash(unsigned height);

Sha256 parent_hash(const Sha256& left, const Sha256& right);

// The layer above `nodes`, which stand at `height`; an odd last one gets pad_hash(height) beside it. A single
// node still gets a parent.
std::vector<Sha256> parent_layer(std::span<const Sha256> nodes, unsigned height);

// The node `levels` above `nodes`, which stand at `height`, padded on the right. nodes.size() <= 2^levels.
// The hash of a whole v2 piece from its leaves: subtree_root(leaves, 0, piece_height).
Sha256 subtree_root(std::span<const Sha256> nodes, unsigned height, unsigned levels);

// The file's root from a complete layer at `height` (its leaves: 0; its piece layer). No nodes: 32 zero
// bytes.
Sha256 root_of_layer(std::span<const Sha256> nodes, unsigned height);

// Root and piece layer of one file whose leaf hashes come in order, in batches of any size.
class MerkleBuilder {
  public:
    // piece_height: log2(piece length / 16 KiB).
    explicit MerkleBuilder(unsigned piece_height);

    void add(std::span<const Sha256> leaves);

    struct Tree {
        std::uint64_t leaves = 0;
        Sha256 root{};                    // zero if there were no leaves
        std::vector<Sha256> piece_layer;  // empty unless the file is longer than one piece
    };
    // The tree of all leaves added; starts afresh.
    Tree finish();

  private:
    void append(unsigned height, std::span<const Sha256> nodes);
    void reduce(unsigned height);

    unsigned piece_height_;
    std::uint64_t leaves_ = 0;
    std::vector<std::vector<Sha256>> levels_;  // nodes without a parent yet, by height
    std::vector<Sha256> piece_layer_;
};

// Proofs (BEP 52 hash request): that 2^k nodes of one layer, at a multiple of 2^k, belong to a root.

// The uncle hashes from the parent of nodes [index, index + count) upwards to below the root. layer: the
// complete layer at `height`, without padding; count: a power of two; index: a multiple of count, below
// layer.size().
std::vector<Sha256> build_proof(std::span<const Sha256> layer, unsigned height, std::uint64_t index,
                                std::uint64_t count);

// Whether `nodes` and `uncles` from somebody else lead to `root`. levels: how far the root is above the nodes
// (the caller knows it from the file's size; a proof of any other length is refused). False for counts that
// are no power of two, an index that is no multiple of it or outside the tree.
bool verify_proof(std::span<const Sha256> nodes, std::uint64_t index, std::span<const Sha256> uncles,
                  unsigned levels, const Sha256& root);

}  // namespace spate::hash
