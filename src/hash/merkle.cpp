#include "hash/merkle.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/assert.h"
#include "hash/lanes.h"

namespace spate::hash {

namespace {

using Pair = std::array<std::uint8_t, 2 * sizeof(Sha256)>;

Pair join(const Sha256& left, const Sha256& right) {
    Pair pair;
    std::ranges::copy(left, pair.begin());
    std::ranges::copy(right, pair.begin() + left.size());
    return pair;
}

// The parents of an even number of nodes, side by side. `out` may be the front of `nodes`: a batch is read
// before its parents are written, and these lie at or before it.
void hash_pairs(std::span<const Sha256> nodes, std::span<Sha256> out) {
    constexpr std::size_t kBatch = 64;
    std::array<Bytes, kBatch> messages;
    std::array<Sha256, kBatch> parents;
    for (std::size_t done = 0; done < out.size();) {
        const std::size_t count = std::min(kBatch, out.size() - done);
        for (std::size_t i = 0; i < count; ++i)  // two nodes lie one behind the other: no copy
            messages[i] = {nodes[2 * (done + i)].data(), sizeof(Pair)};
        sha256_many(std::span(messages).first(count), std::span(parents).first(count));
        std::copy_n(parents.begin(), count, out.begin() + static_cast<std::ptrdiff_t>(done));
        done += count;
    }
}

// Replaces nodes at `height` by their parents.
void raise(std::vector<Sha256>& nodes, unsigned height) {
    if (nodes.size() % 2 != 0) nodes.push_back(pad_hash(height));
    const std::size_t parents = nodes.size() / 2;
    hash_pairs(nodes, std::span(nodes).first(parents));
    nodes.resize(parents);
}

}  // namespace

std::uint64_t leaf_count(std::uint64_t file_size) {
    return file_size / kLeafSize + (file_size % kLeafSize != 0 ? 1 : 0);
}

unsigned tree_height(std::uint64_t nodes) {
    return nodes <= 1 ? 0 : static_cast<unsigned>(std::bit_width(nodes - 1));
}

Sha256 parent_hash(const Sha256& left, const Sha256& right) {
    return sha256(join(left, right));
}

const Sha256& pad_hash(unsigned height) {
    static const auto hashes = [] {
        std::array<Sha256, kMaxTreeHeight + 1> all{};
        for (std::size_t i = 1; i < all.size(); ++i) all[i] = parent_hash(all[i - 1], all[i - 1]);
        return all;
    }();
    SPATE_ASSERT(height < hashes.size());
    return hashes[height];
}

std::vector<Sha256> parent_layer(std::span<const Sha256> nodes, unsigned height) {
    std::vector<Sha256> layer(nodes.begin(), nodes.end());
    raise(layer, height);
    return layer;
}

Sha256 subtree_root(std::span<const Sha256> nodes, unsigned height, unsigned levels) {
    SPATE_ASSERT(height + levels <= kMaxTreeHeight && nodes.size() <= std::uint64_t{1} << levels);
    if (nodes.empty()) return pad_hash(height + levels);
    std::vector<Sha256> layer(nodes.begin(), nodes.end());
    for (unsigned level = 0; level < levels; ++level) raise(layer, height + level);
    return layer.front();
}

Sha256 root_of_layer(std::span<const Sha256> nodes, unsigned height) {
    if (nodes.empty()) return Sha256{};
    return subtree_root(nodes, height, tree_height(nodes.size()));
}

MerkleBuilder::MerkleBuilder(unsigned piece_height) : piece_height_(piece_height) {
    SPATE_ASSERT(piece_height <= kMaxTreeHeight);
}

void MerkleBuilder::add(std::span<const Sha256> leaves) {
    leaves_ += leaves.size();
    append(0, leaves);
}

// Puts nodes on a level; a full level goes one up, so that its nodes fill all lanes.
void MerkleBuilder::append(unsigned height, std::span<const Sha256> nodes) {
    constexpr std::size_t kLevelNodes = 2 * kMaxLanes;
    SPATE_ASSERT(height <= kMaxTreeHeight);
    if (levels_.size() <= height) levels_.resize(height + 1);
    if (height == piece_height_) piece_layer_.insert(piece_layer_.end(), nodes.begin(), nodes.end());
    while (!nodes.empty()) {
        if (levels_[height].size() == kLevelNodes) reduce(height);
        const std::size_t count = std::min(kLevelNodes - levels_[height].size(), nodes.size());
        levels_[height].insert(levels_[height].end(), nodes.begin(),
                               nodes.begin() + static_cast<std::ptrdiff_t>(count));
        nodes = nodes.subspan(count);
    }
}

void MerkleBuilder::reduce(unsigned height) {
    std::vector<Sha256> nodes;
    nodes.swap(levels_[height]);
    raise(nodes, height);
    append(height + 1, nodes);
}

MerkleBuilder::Tree MerkleBuilder::finish() {
    Tree tree;
    tree.leaves = leaves_;
    const unsigned top = tree_height(leaves_);
    for (unsigned height = 0; height < top; ++height) reduce(height);
    if (leaves_ > 0) tree.root = levels_[top].front();
    if (leaves_ > std::uint64_t{1} << piece_height_) tree.piece_layer = std::move(piece_layer_);
    leaves_ = 0;
    levels_.clear();
    piece_layer_.clear();
    return tree;
}

std::vector<Sha256> build_proof(std::span<const Sha256> layer, unsigned height, std::uint64_t index,
                                std::uint64_t count) {
    SPATE_ASSERT(std::has_single_bit(count) && index % count == 0 && index < layer.size());
    const unsigned levels = tree_height(layer.size());
    std::vector<Sha256> nodes(layer.begin(), layer.end());
    std::vector<Sha256> uncles;
    for (unsigned level = 0; level < levels; ++level) {
        if (std::uint64_t{1} << level >= count) {
            const std::uint64_t sibling = (index >> level) ^ 1;
            uncles.push_back(sibling < nodes.size() ? nodes[sibling] : pad_hash(height + level));
        }
        raise(nodes, height + level);
    }
    return uncles;
}

bool verify_proof(std::span<const Sha256> nodes, std::uint64_t index, std::span<const Sha256> uncles,
                  unsigned levels, const Sha256& root) {
    if (!std::has_single_bit(nodes.size()) || index % nodes.size() != 0 || levels > kMaxTreeHeight)
        return false;
    const unsigned own_levels = tree_height(nodes.size());
    if (own_levels + uncles.size() != levels || index >> levels != 0) return false;
    Sha256 node =
        subtree_root(nodes, 0, own_levels);  // a power of two of them: no padding, at whatever height
    std::uint64_t place = index >> own_levels;
    for (const Sha256& uncle : uncles) {
        node = (place & 1) != 0 ? parent_hash(uncle, node) : parent_hash(node, uncle);
        place >>= 1;
    }
    return node == root;
}

}  // namespace spate::hash
