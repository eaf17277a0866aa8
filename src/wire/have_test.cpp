// What peers say they have before the count is known, the allowed-fast set, and which requests are valid.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/allowed_fast.h"
#include "wire/early_have.h"
#include "wire/limits.h"

namespace spate::wire {
namespace {

TEST(EarlyHave, SinglePieces) {
    EarlyHave have;
    EXPECT_EQ(have.resolve(5), metainfo::Bitfield(5));
    EXPECT_TRUE(have.take(Have{PieceIndex(0)}) && have.take(Have{PieceIndex(9)}));
    have.take_back(PieceIndex(0));
    have.take_back(PieceIndex(1000));
    const auto bits = have.resolve(10);
    ASSERT_TRUE(bits);
    EXPECT_EQ(bits->count(), 1U);
    EXPECT_TRUE(bits->has(PieceIndex(9)));
    EXPECT_EQ(have.resolve(1000)->count(), 1U);
    EXPECT_FALSE(have.resolve(9));
    EXPECT_FALSE(have.resolve(1));
    EXPECT_FALSE(have.take(Have{PieceIndex(metainfo::piece_count_max)}));
}

// Row 27, late.
TEST(EarlyHave, ABitfieldMustFitExactly) {
    EarlyHave have;
    const std::vector<std::uint8_t> bits{0xff, 0xc0};
    have.take(BitfieldMessage{bits});
    EXPECT_TRUE(have.resolve(10)->all());
    EXPECT_EQ(have.resolve(16)->count(), 10U);
    EXPECT_FALSE(have.resolve(9));   // a spare bit
    EXPECT_FALSE(have.resolve(17));  // too short
    EXPECT_FALSE(have.resolve(8));
    EXPECT_TRUE(have.take(Have{PieceIndex(20)}));
    EXPECT_FALSE(have.resolve(16));
}

TEST(EarlyHave, AllOrNone) {
    EarlyHave all, none;
    all.take(HaveAll{});
    none.take(HaveNone{});
    EXPECT_TRUE(all.resolve(7)->all());
    EXPECT_TRUE(none.resolve(7)->none());
    all.take_back(PieceIndex(3));
    EXPECT_TRUE(all.resolve(7)->none());
}

// The examples of BEP 6.
TEST(AllowedFast, IsTheSetOfTheSpecification) {
    hash::Sha1 swarm;
    swarm.fill(0xaa);
    std::vector<std::uint32_t> set;
    for (const PieceIndex piece : allowed_fast_set(Address::v4(80, 4, 4, 200), swarm, 1313, 9))
        set.push_back(piece.value);
    EXPECT_THAT(set, testing::ElementsAre(1059, 431, 808, 1217, 287, 376, 1188, 353, 508));
    EXPECT_EQ(allowed_fast_set(Address::v4(80, 4, 4, 1), swarm, 1313, 10).size(), 10U);
    EXPECT_EQ(allowed_fast_set(Address::v4(80, 4, 4, 1), swarm, 3, 10).size(), 3U);
    EXPECT_TRUE(allowed_fast_set(Address::v4(80, 4, 4, 1), swarm, 0, 10).empty());
    EXPECT_TRUE(allowed_fast_set(*Address::parse("2001:db8::1"), swarm, 100, 10).empty());
}

// Row 28.
TEST(Requests, MustLieInsideTheirPiece) {
    std::vector<metainfo::File> files(1);
    files[0].size = 3 * (256 << 10) + 1000;
    files[0].path = "x";
    const auto layout =
        *metainfo::FileLayout::make(files, {}, 256 << 10, metainfo::FileLayout::Alignment::none);
    const auto valid = [&](std::uint32_t piece, std::uint32_t offset, std::uint32_t length) {
        return is_valid_request({PieceIndex(piece), offset, length}, layout);
    };
    EXPECT_TRUE(valid(0, 0, 16384) && valid(0, (256 << 10) - 1, 1) && valid(3, 0, 1000) && valid(3, 999, 1));
    EXPECT_TRUE(valid(0, 0, request_bytes_max));
    EXPECT_FALSE(valid(0, 0, request_bytes_max + 1));
    EXPECT_FALSE(valid(0, 0, 0));
    EXPECT_FALSE(valid(4, 0, 1));
    EXPECT_FALSE(valid(0, 256 << 10, 1));
    EXPECT_FALSE(valid(0, (256 << 10) - 1, 2));
    EXPECT_FALSE(valid(3, 1000, 1));
    EXPECT_FALSE(valid(3, 1, 1000));
    EXPECT_FALSE(valid(0, 0xffffffff, 2));
    EXPECT_FALSE(valid(0, 2, 0xffffffff));
    EXPECT_FALSE(valid(0xffffffff, 0, 1));
}

}  // namespace
}  // namespace spate::wire
