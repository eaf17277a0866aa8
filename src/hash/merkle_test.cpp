#include "hash/merkle.h"

#include <bit>
#include <gtest/gtest.h>

#include "base/hex.h"
#include "base/rng.h"

namespace spate::hash {
namespace {

std::vector<Sha256> random_hashes(std::size_t count, Rng& rng) {
    std::vector<Sha256> hashes(count);
    for (Sha256& hash : hashes)
        for (auto& byte : hash) byte = static_cast<std::uint8_t>(rng.next());
    return hashes;
}

// The definition, without any short cut: every leaf up to a power of two is there, every node is hashed.
std::vector<std::vector<Sha256>> full_tree(std::vector<Sha256> leaves) {
    leaves.resize(std::bit_ceil(leaves.size()));
    std::vector<std::vector<Sha256>> layers{leaves};
    while (layers.back().size() > 1) {
        std::vector<Sha256> above;
        for (std::size_t i = 0; i < layers.back().size(); i += 2) {
            Sha256Hasher hasher;
            hasher.update(layers.back()[i]);
            hasher.update(layers.back()[i + 1]);
            above.push_back(hasher.finish());
        }
        layers.push_back(above);
    }
    return layers;
}

// Around every power of two, and some others.
std::vector<std::size_t> interesting_counts(Rng& rng) {
    std::vector<std::size_t> counts{1, 2, 3};
    for (std::size_t power = 4; power <= 1024; power *= 2)
        for (const std::size_t count : {power - 1, power, power + 1}) counts.push_back(count);
    for (int i = 0; i < 20; ++i) counts.push_back(1 + rng.below(3000));
    return counts;
}

TEST(Merkle, Arithmetic) {
    const struct {
        std::uint64_t size, leaves;
    } sizes[] = {{0, 0}, {1, 1}, {16383, 1}, {16384, 1}, {16385, 2}, {UINT64_MAX, (UINT64_MAX >> 14) + 1}};
    for (const auto& row : sizes) EXPECT_EQ(leaf_count(row.size), row.leaves) << row.size;
    const struct {
        std::uint64_t nodes;
        unsigned height;
    } heights[] = {{0, 0}, {1, 0}, {2, 1}, {3, 2}, {4, 2}, {5, 3}, {1024, 10}, {1025, 11}, {1ULL << 50, 50}};
    for (const auto& row : heights) EXPECT_EQ(tree_height(row.nodes), row.height) << row.nodes;
    EXPECT_LE(tree_height(leaf_count(UINT64_MAX)), kMaxTreeHeight);
}

TEST(Merkle, PadHashes) {
    EXPECT_EQ(pad_hash(0), Sha256{});
    EXPECT_EQ(to_hex(pad_hash(1)), "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b");
    for (unsigned height = 0; height < 10; ++height)
        EXPECT_EQ(pad_hash(height), full_tree(std::vector<Sha256>(std::size_t{1} << height)).back().front());
}

TEST(Merkle, RootsAndLayersAreThoseOfTheFullTree) {
    Rng rng(1);
    for (const std::size_t count : interesting_counts(rng)) {
        const auto leaves = random_hashes(count, rng);
        const auto tree = full_tree(leaves);
        ASSERT_EQ(root_of_layer(leaves, 0), tree.back().front()) << count;
        std::vector<Sha256> layer = leaves;
        for (unsigned height = 0; height + 1 < tree.size(); ++height) {
            layer = parent_layer(layer, height);
            for (std::size_t i = 0; i < layer.size(); ++i) ASSERT_EQ(layer[i], tree[height + 1][i]);
            ASSERT_EQ(root_of_layer(layer, height + 1), tree.back().front()) << count;
        }
    }
    EXPECT_EQ(root_of_layer({}, 0), Sha256{});
}

TEST(Merkle, SubtreesArePaddedToTheirHeight) {
    Rng rng(2);
    for (std::size_t count = 0; count <= 64; ++count) {
        const auto leaves = random_hashes(count, rng);
        auto padded = leaves;
        padded.resize(64);
        EXPECT_EQ(subtree_root(leaves, 0, 6), full_tree(padded).back().front()) << count;
    }
}

TEST(MerkleBuilder, AnyBatchesGiveTheFullTree) {
    Rng rng(3);
    MerkleBuilder builder(3);  // used again and again
    for (const std::size_t count : interesting_counts(rng)) {
        const auto leaves = random_hashes(count, rng);
        const auto tree = full_tree(leaves);
        for (std::size_t at = 0; at < count;) {
            const std::size_t size = std::min<std::size_t>(count - at, rng.below(100));
            builder.add(std::span(leaves).subspan(at, size));
            at += size;
        }
        const auto built = builder.finish();
        ASSERT_EQ(built.leaves, count);
        ASSERT_EQ(built.root, tree.back().front()) << count;
        ASSERT_EQ(built.piece_layer.size(), count > 8 ? (count + 7) / 8 : 0) << count;
        for (std::size_t i = 0; i < built.piece_layer.size(); ++i)
            ASSERT_EQ(built.piece_layer[i], tree[3][i]) << count;
    }
}

TEST(MerkleBuilder, NoLeavesNoTree) {
    MerkleBuilder builder(0);
    const auto built = builder.finish();
    EXPECT_EQ(built.leaves, 0U);
    EXPECT_EQ(built.root, Sha256{});
    EXPECT_TRUE(built.piece_layer.empty());
}

TEST(MerkleBuilder, PiecesOfOneBlockHaveTheLeavesAsTheirLayer) {
    Rng rng(4);
    const auto leaves = random_hashes(5, rng);
    MerkleBuilder builder(0);
    builder.add(leaves);
    EXPECT_EQ(builder.finish().piece_layer, leaves);
}

TEST(MerkleProof, EveryAlignedRangeProvesAndNothingElseDoes) {
    Rng rng(5);
    for (std::size_t count = 1; count <= 37; ++count) {
        const auto tree = full_tree(random_hashes(count, rng));
        const unsigned levels = static_cast<unsigned>(tree.size() - 1);
        const std::vector<Sha256> leaves(tree[0].begin(),
                                         tree[0].begin() + static_cast<std::ptrdiff_t>(count));
        const Sha256& root = tree.back().front();
        for (std::size_t size = 1; size <= tree[0].size(); size *= 2)
            for (std::size_t index = 0; index < count; index += size) {
                const auto nodes = std::span(tree[0]).subspan(index, size);
                auto uncles = build_proof(leaves, 0, index, size);
                ASSERT_TRUE(verify_proof(nodes, index, uncles, levels, root))
                    << count << ' ' << index << ' ' << size;
                ASSERT_FALSE(verify_proof(nodes, index, uncles, levels + 1, root));
                ASSERT_FALSE(verify_proof(nodes, index + tree[0].size(), uncles, levels, root));
                if (uncles.empty()) continue;
                ASSERT_FALSE(verify_proof(nodes, index, uncles, levels - 1, root));
                ASSERT_FALSE(verify_proof(nodes, index ^ size, uncles, levels, root));
                uncles[rng.below(uncles.size())][rng.below(32)] ^= 1;
                ASSERT_FALSE(verify_proof(nodes, index, uncles, levels, root));
            }
    }
}

TEST(MerkleProof, FromThePieceLayer) {
    Rng rng(6);
    const auto leaves = random_hashes(1000, rng);
    const auto tree = full_tree(leaves);
    MerkleBuilder builder(4);
    builder.add(leaves);
    const auto built = builder.finish();
    const auto uncles =
        build_proof(built.piece_layer, 4, 60, 4);  // 63 pieces: the last of the four is padding
    std::vector<Sha256> nodes(built.piece_layer.begin() + 60, built.piece_layer.end());
    nodes.push_back(pad_hash(4));
    EXPECT_TRUE(verify_proof(nodes, 60, uncles, 6, tree.back().front()));
}

TEST(MerkleProof, RefusesImpossibleShapes) {
    Rng rng(7);
    const auto nodes = random_hashes(4, rng);
    const Sha256 root = root_of_layer(nodes, 0);
    EXPECT_TRUE(verify_proof(nodes, 0, {}, 2, root));
    EXPECT_FALSE(verify_proof({}, 0, {}, 0, root));
    EXPECT_FALSE(verify_proof(std::span(nodes).first(3), 0, {}, 2, root));
    EXPECT_FALSE(verify_proof(nodes, 2, {}, 2, root));
    EXPECT_FALSE(verify_proof(nodes, 4, {}, 2, root));
    EXPECT_FALSE(verify_proof(nodes, 0, random_hashes(kMaxTreeHeight, rng), kMaxTreeHeight + 2, root));
    EXPECT_FALSE(verify_proof(nodes, 0, {}, UINT32_MAX, root));
}

}  // namespace
}  // namespace spate::hash
