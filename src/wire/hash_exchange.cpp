#include "wire/hash_exchange.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/assert.h"
#include "wire/limits.h"

namespace spate::wire {
namespace {

// Layers between the requested hashes and the node that they alone give.
unsigned inner_layers(const HashRequest& request) {
    return static_cast<unsigned>(std::countr_zero(request.length));
}

// Of the file's own hashes, without padding.
std::uint64_t layer_size(const HashTree& tree, unsigned height) {
    return metainfo::units(tree.leaves, std::uint64_t{1} << height);
}

}  // namespace

HashTree hash_tree(const metainfo::FileLayout& layout, metainfo::FileIndex file) {
    const metainfo::File& entry = layout.file(file);
    SPATE_ASSERT(entry.size > 0);
    return {entry.pieces_root, hash::leaf_count(entry.size),
            metainfo::piece_layer_height(layout.piece_length())};
}

bool is_valid_hash_request(const HashRequest& request, const HashTree& tree) {
    const unsigned height = tree.height();
    if (request.root != tree.root || request.base_layer >= height) return false;
    if (request.length < 2 || request.length > hashes_served_max || !std::has_single_bit(request.length))
        return false;
    const std::uint64_t width = std::uint64_t{1} << (height - request.base_layer);
    return request.length <= width && request.index % request.length == 0 &&
           request.index < layer_size(tree, request.base_layer) &&
           request.proof_layers <= height - request.base_layer - 1;
}

std::size_t hashes_expected(const HashRequest& request) {
    const unsigned omitted = inner_layers(request) - 1;  // inside the range
    return request.length + (request.proof_layers > omitted ? request.proof_layers - omitted : 0);
}

metainfo::PieceRange pieces_for(const HashRequest& request, const HashTree& tree) {
    if (request.base_layer >= tree.piece_height) return {};
    const unsigned down = request.base_layer;
    const std::uint64_t first_leaf = std::uint64_t{request.index} << down;
    const std::uint64_t end_leaf =
        std::min(first_leaf + (std::uint64_t{request.length} << down), tree.leaves);
    return {metainfo::PieceIndex(static_cast<std::uint32_t>(first_leaf >> tree.piece_height)),
            metainfo::PieceIndex(static_cast<std::uint32_t>(
                metainfo::units(end_leaf, std::uint64_t{1} << tree.piece_height)))};
}

PieceTree::PieceTree(const HashTree& tree, std::span<const hash::Sha256> piece_layer) : tree_(tree) {
    if (tree.height() <= tree.piece_height) return;  // the root is all there is above the leaves' layers
    SPATE_ASSERT(piece_layer.size() == tree.pieces());
    layers_.emplace_back(piece_layer.begin(), piece_layer.end());
    for (unsigned height = tree.piece_height; height < tree.height(); ++height)
        layers_.push_back(hash::parent_layer(layers_.back(), height));
}

const hash::Sha256& PieceTree::node(unsigned height, std::uint64_t index) const {
    const auto& layer = layers_.at(height - tree_.piece_height);
    return index < layer.size() ? layer[index] : hash::pad_hash(height);
}

std::vector<hash::Sha256> PieceTree::answer(const HashRequest& request,
                                            std::span<const hash::Sha256> leaves) const {
    SPATE_ASSERT(is_valid_hash_request(request, tree_));
    // The layers below the piece layer, of the pieces at hand only: low[h][0] is node low_begin >> h.
    const metainfo::PieceRange pieces = pieces_for(request, tree_);
    const std::uint64_t low_begin = std::uint64_t{pieces.first.value} << tree_.piece_height;
    std::vector<std::vector<hash::Sha256>> low;
    if (!pieces.empty()) {
        const std::uint64_t low_end =
            std::min(std::uint64_t{pieces.end.value} << tree_.piece_height, tree_.leaves);
        SPATE_ASSERT(leaves.size() == low_end - low_begin);
        low.emplace_back(leaves.begin(), leaves.end());
        while (low.size() < tree_.piece_height)
            low.push_back(hash::parent_layer(low.back(), static_cast<unsigned>(low.size()) - 1));
    }
    const auto at = [&](unsigned height, std::uint64_t index) -> const hash::Sha256& {
        if (height >= tree_.piece_height) return node(height, index);
        const std::uint64_t local = index - (low_begin >> height);
        return local < low[height].size() ? low[height][local] : hash::pad_hash(height);
    };

    std::vector<hash::Sha256> hashes;
    hashes.reserve(hashes_expected(request));
    for (std::uint32_t i = 0; i < request.length; ++i)
        hashes.push_back(at(request.base_layer, std::uint64_t{request.index} + i));
    unsigned height = request.base_layer + inner_layers(request);
    std::uint64_t ancestor = request.index >> inner_layers(request);
    for (; hashes.size() < hashes_expected(request); ++height, ancestor >>= 1)
        hashes.push_back(at(height, ancestor ^ 1));
    return hashes;
}

Bytes octets(std::span<const hash::Sha256> hashes) {
    return {reinterpret_cast<const std::uint8_t*>(hashes.data()), hashes.size_bytes()};
}

bool verify_hashes(const HashRequest& asked, const HashTree& tree, Bytes hashes) {
    SPATE_ASSERT(is_valid_hash_request(asked, tree));
    if (hashes.size() != hashes_expected(asked) * sizeof(hash::Sha256)) return false;
    std::vector<hash::Sha256> all(hashes_expected(asked));
    std::memcpy(all.data(), hashes.data(), hashes.size());
    const std::span whole(all);
    return hash::verify_proof(whole.first(asked.length), asked.index, whole.subspan(asked.length),
                              tree.height() - asked.base_layer, tree.root);
}

HashRequest request_of(const HashTree& tree, unsigned base_layer, std::uint32_t index, std::uint32_t length) {
    return {.root = tree.root,
            .base_layer = base_layer,
            .index = index,
            .length = length,
            .proof_layers = tree.height() - base_layer - 1};
}

}  // namespace spate::wire
