#include "swarm/block_blame.h"

#include <gtest/gtest.h>

#include "base/rng.h"

namespace spate::swarm {
namespace {

constexpr PieceIndex piece{7};

BlockDigest digest(std::uint8_t value) {
    BlockDigest made{};
    made[3] = value;
    return made;
}
Endpoint host(std::uint8_t number) {
    return {Address::v4(10, 0, 0, number), 6881};
}

TEST(BlockBlame, TheOnlySenderIsShownWrongAtOnce) {
    BlockBlame blame;
    const auto ann = blame.sender(host(1));
    EXPECT_EQ(blame.sender(host(1)), ann);
    EXPECT_EQ(blame.endpoint(ann), host(1));
    for (std::uint32_t i = 0; i < 3; ++i) blame.received(piece, BlockIndex(i), ann);
    const std::vector blocks(3, digest(1));
    EXPECT_EQ(blame.failed(piece, blocks), std::vector{ann});
    EXPECT_FALSE(blame.suspected(piece));
}

TEST(BlockBlame, AWrongLeafShowsItsSender) {
    BlockBlame blame;
    const auto ann = blame.sender(host(1)), ben = blame.sender(host(2));
    blame.received(piece, BlockIndex(0), ann);
    blame.received(piece, BlockIndex(1), ben);
    EXPECT_EQ(blame.block_failed(piece, BlockIndex(1)), std::vector{ben});
    EXPECT_TRUE(blame.block_failed(piece, BlockIndex(1)).empty());
    EXPECT_TRUE(blame.block_failed(piece, BlockIndex(9)).empty());
    EXPECT_TRUE(blame.block_failed(PieceIndex(1), BlockIndex(0)).empty());
}

// One of eight lies in some of its blocks, for as many rounds as it takes: it and nobody else is shown wrong.
TEST(BlockBlame, FindsExactlyTheLiar) {
    Rng rng(9);
    for (int round = 0; round < 200; ++round) {
        BlockBlame blame;
        std::vector<Sender> senders;
        for (std::uint8_t i = 0; i < 8; ++i) senders.push_back(blame.sender(host(i)));
        const auto liar = senders[rng.below(8)];
        const auto count = 1 + rng.below(64);
        std::vector<Sender> wrong;
        bool lied_ever = false;
        for (int attempt = 0;; ++attempt) {
            std::vector<BlockDigest> blocks;
            bool right = true;
            for (std::uint32_t i = 0; i < count; ++i) {
                const auto from = senders[rng.below(8)];
                const bool lie = from == liar && rng.chance(1, 2) && attempt < 5;
                blame.received(piece, BlockIndex(i), from);
                blocks.push_back(
                    digest(lie ? static_cast<std::uint8_t>(100 + attempt) : static_cast<std::uint8_t>(i)));
                right &= !lie;
            }
            lied_ever |= !right;
            wrong = right ? blame.passed(piece, blocks) : blame.failed(piece, blocks);
            if (right || !wrong.empty()) break;
            EXPECT_TRUE(blame.suspected(piece));
        }
        EXPECT_EQ(wrong, lied_ever ? std::vector{liar} : std::vector<Sender>{});
        if (wrong.empty() || !blame.suspected(piece)) {
            EXPECT_EQ(blame.evidence_blocks(), 0U);
        }
    }
}

TEST(BlockBlame, EvidenceIsBoundedAndTheOldestGoesFirst) {
    BlockBlame blame;
    const auto ann = blame.sender(host(1)), ben = blame.sender(host(2));
    const std::vector blocks(1024, digest(1));
    for (std::uint32_t p = 0; p < 100; ++p) {
        for (std::uint32_t i = 0; i < blocks.size(); ++i)
            blame.received(PieceIndex(p), BlockIndex(i), i % 2 == 0 ? ann : ben);
        EXPECT_TRUE(blame.failed(PieceIndex(p), blocks).empty());
        EXPECT_LE(blame.evidence_blocks(), BlockBlame::blocks_max);
    }
    EXPECT_FALSE(blame.suspected(PieceIndex(0)));
    EXPECT_TRUE(blame.suspected(PieceIndex(99)));
    auto right = blocks;
    right[5] = digest(2);
    EXPECT_EQ(blame.passed(PieceIndex(99), right), std::vector{ben});
}

// Any number of endpoints may come; who is remembered for a block keeps its number.
TEST(BlockBlame, SendersOfNothingMakeRoom) {
    BlockBlame blame;
    const auto ann = blame.sender(host(1));
    blame.received(piece, BlockIndex(0), ann);
    blame.received(piece, BlockIndex(1), blame.sender(host(2)));
    const std::vector wrong{digest(1), digest(2)}, right{digest(1), digest(3)};
    EXPECT_TRUE(blame.failed(piece, wrong).empty());
    for (std::uint32_t i = 0; i < 3 * BlockBlame::senders_max; ++i) {
        const Endpoint some{Address::v4(20, static_cast<std::uint8_t>(i >> 16), 1, 1),
                            static_cast<std::uint16_t>(i)};
        const auto number = blame.sender(some);
        EXPECT_EQ(blame.endpoint(number), some);
        EXPECT_LT(number.value, BlockBlame::senders_max);
    }
    EXPECT_EQ(blame.sender(host(1)), ann);
    const auto shown = blame.proven(piece, right);
    ASSERT_EQ(shown.size(), 1U);
    EXPECT_EQ(blame.endpoint(shown[0]), host(2));
    EXPECT_FALSE(blame.suspected(piece));
}

}  // namespace
}  // namespace spate::swarm
