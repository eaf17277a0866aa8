#include "wire/hash_exchange.h"

#include <bit>
#include <gtest/gtest.h>

#include "wire/limits.h"

namespace spate::wire {
namespace {

// A file of so many leaves, each a different hash.
struct TestFile {
    explicit TestFile(std::size_t leaf_count, unsigned piece_height) {
        for (std::size_t i = 0; i < leaf_count; ++i)
            leaves.push_back(hash::sha256(as_bytes("leaf " + std::to_string(i))));
        hash::MerkleBuilder builder(piece_height);
        builder.add(leaves);
        auto built = builder.finish();
        layer = std::move(built.piece_layer);
        tree = {.root = built.root, .leaves = leaf_count, .piece_height = piece_height};
    }
    std::vector<hash::Sha256> answer(const HashRequest& request) const {
        const auto pieces = pieces_for(request, tree);
        const std::size_t first = std::size_t{pieces.first.value} << tree.piece_height;
        const std::size_t end = std::min(std::size_t{pieces.end.value} << tree.piece_height, leaves.size());
        return PieceTree(tree, layer).answer(request, std::span(leaves).subspan(first, end - first));
    }
    std::vector<hash::Sha256> leaves;
    std::vector<hash::Sha256> layer;
    HashTree tree;
};

// Every valid request of trees of many shapes is answered, and the answer leads to the root.
TEST(HashExchange, AnswersAreTrue) {
    for (const std::size_t leaves : {2U, 3U, 4U, 5U, 8U, 13U, 33U, 64U, 100U})
        for (const unsigned piece_height : {0U, 1U, 2U, 4U, 7U}) {
            const TestFile file(leaves, piece_height);
            const unsigned height = file.tree.height();
            for (unsigned base = 0; base < height; ++base)
                for (std::uint32_t length = 2; length <= 1U << (height - base); length *= 2)
                    for (std::uint32_t index = 0; (std::size_t{index} << base) < leaves; index += length) {
                        const HashRequest request = request_of(file.tree, base, index, length);
                        ASSERT_TRUE(is_valid_hash_request(request, file.tree));
                        auto answer = file.answer(request);
                        ASSERT_EQ(answer.size(), hashes_expected(request));
                        EXPECT_TRUE(verify_hashes(request, file.tree, octets(answer)));
                        // Row 48: one wrong bit anywhere, and it is not believed.
                        answer[(index + base) % answer.size()][5] ^= 1;
                        EXPECT_FALSE(verify_hashes(request, file.tree, octets(answer)));
                    }
        }
}

TEST(HashExchange, FewerProofLayersAreTheStartOfMore) {
    const TestFile file(100, 2);
    HashRequest request = request_of(file.tree, 0, 8, 4);
    const auto whole = file.answer(request);
    for (; request.proof_layers > 0; --request.proof_layers) {
        const auto part = file.answer(request);
        EXPECT_EQ(part.size(), hashes_expected(request));
        EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin()));
    }
    EXPECT_EQ(hashes_expected(request), 4U);
}

TEST(HashExchange, PaddingFillsUp) {
    const TestFile file(5, 0);  // 8 leaves with padding
    const auto answer = file.answer(request_of(file.tree, 0, 4, 4));
    EXPECT_EQ(answer[0], file.leaves[4]);
    for (const std::size_t i : {1U, 2U, 3U}) EXPECT_EQ(answer[i], hash::Sha256{});
    const TestFile pieces(5 << 2, 2);
    EXPECT_EQ(pieces.answer(request_of(pieces.tree, 2, 4, 4))[3], hash::pad_hash(2));
}

// Row 46.
TEST(HashExchange, InvalidRequests) {
    const TestFile file(100, 2);  // height 7
    const HashRequest good = request_of(file.tree, 2, 8, 4);
    ASSERT_TRUE(is_valid_hash_request(good, file.tree));
    const auto valid = [&](auto change) {
        HashRequest request = good;
        change(request);
        return is_valid_hash_request(request, file.tree);
    };
    EXPECT_TRUE(valid([](auto& r) { r.proof_layers = 0; }));
    EXPECT_FALSE(valid([](auto& r) { r.root[0] ^= 1; }));
    EXPECT_FALSE(valid([](auto& r) { r.length = 0; }));
    EXPECT_FALSE(valid([](auto& r) { r.length = 1; }));
    EXPECT_FALSE(valid([](auto& r) { r.length = 3; }));
    EXPECT_FALSE(valid([](auto& r) {
        r.length = 64;
        r.index = 0;
    }));
    EXPECT_FALSE(valid([](auto& r) {
        r.length = 1U << 31;
        r.index = 0;
    }));
    EXPECT_FALSE(valid([](auto& r) { r.index = 9; }));
    EXPECT_FALSE(valid([](auto& r) { r.index = 28; }));  // all padding
    EXPECT_FALSE(valid([](auto& r) { r.index = 32; }));
    EXPECT_FALSE(valid([](auto& r) { r.index = 0xfffffffc; }));
    EXPECT_FALSE(valid([](auto& r) { r.base_layer = 7; }));
    EXPECT_FALSE(valid([](auto& r) { r.base_layer = 0xffffffff; }));
    EXPECT_FALSE(valid([](auto& r) { ++r.proof_layers; }));
    EXPECT_FALSE(valid([](auto& r) { r.proof_layers = 0xffffffff; }));

    const HashTree huge{.root = {}, .leaves = std::uint64_t{1} << 40, .piece_height = 10};
    EXPECT_TRUE(is_valid_hash_request(request_of(huge, 0, 8192, hashes_served_max), huge));
    EXPECT_FALSE(is_valid_hash_request(request_of(huge, 0, 0, 2 * hashes_served_max), huge));
    const HashTree single{.root = {}, .leaves = 1, .piece_height = 2};
    EXPECT_FALSE(is_valid_hash_request({.length = 2}, single));
}

TEST(HashExchange, AnswersOfAWrongSizeAreNotBelieved) {
    const TestFile file(100, 2);
    const HashRequest request = request_of(file.tree, 2, 8, 4);
    const auto answer = file.answer(request);
    const Bytes bytes = octets(answer);
    EXPECT_FALSE(verify_hashes(request, file.tree, bytes.first(bytes.size() - 1)));
    EXPECT_FALSE(verify_hashes(request, file.tree, bytes.first(bytes.size() - 32)));
    EXPECT_FALSE(verify_hashes(request, file.tree, {}));
}

}  // namespace
}  // namespace spate::wire
