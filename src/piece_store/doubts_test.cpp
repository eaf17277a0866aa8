#include "piece_store/doubts.h"

#include <gtest/gtest.h>

namespace spate::piece_store {
namespace {

using metainfo::Bitfield;
using metainfo::FileIndex;
using metainfo::PieceIndex;

class DoubtsTest : public ::testing::Test {
  protected:
    const metainfo::FileLayout layout =
        metainfo::FileLayout::make({{.size = 32'768, .path = "a"}, {.size = 40'000, .path = "b"}}, {}, 16'384,
                                   metainfo::FileLayout::Alignment::none)
            .value();
    Bitfield have{layout.piece_count()};
    Doubts doubts{layout.piece_count()};
};

TEST_F(DoubtsTest, AFileIsOursWhenAPieceOfItIsRight) {
    doubts.begin(Bitfield(layout.piece_count(), true), {FileIndex(0), FileIndex(1)});
    EXPECT_TRUE(doubts.any());
    EXPECT_FALSE(doubts.all_ours());
    EXPECT_EQ(doubts.take().count(), layout.piece_count());
    EXPECT_FALSE(doubts.any());
    have.set(PieceIndex(1));
    EXPECT_EQ(doubts.foreign(layout, have), FileIndex(1));
    EXPECT_FALSE(doubts.all_ours());
}

TEST_F(DoubtsTest, WhenAllAreOursNothingIsInTheWay) {
    doubts.begin(Bitfield(layout.piece_count()), {FileIndex(0)});
    have.set(PieceIndex(0));
    EXPECT_EQ(doubts.foreign(layout, have), std::nullopt);
    EXPECT_TRUE(doubts.all_ours());
}

TEST_F(DoubtsTest, BeforeTheFilesWereLookedAtNothingIsOurs) {
    EXPECT_FALSE(doubts.all_ours());
    doubts.begin(Bitfield(layout.piece_count()), {});
    EXPECT_TRUE(doubts.all_ours());
}

TEST_F(DoubtsTest, WhatWasLostMayBeRightAgain) {
    doubts.add(PieceIndex(2));
    EXPECT_TRUE(doubts.has(PieceIndex(2)));
    doubts.resolve(PieceIndex(2));
    EXPECT_FALSE(doubts.any());
}

TEST_F(DoubtsTest, WhatCouldNotBeReadIsLookedAtAgain) {
    doubts.add_unread(PieceIndex(1), Error::system(EIO, "read", "a"));
    EXPECT_FALSE(doubts.any());
    ASSERT_NE(doubts.unread(), nullptr);
    EXPECT_TRUE(doubts.unread()->is(std::errc::io_error));
    doubts.add(PieceIndex(2));
    const auto taken = doubts.take();
    EXPECT_TRUE(taken.has(PieceIndex(1)) && taken.has(PieceIndex(2)));
    EXPECT_EQ(doubts.unread(), nullptr);
    doubts.add_unread(PieceIndex(1), Error::system(EIO, "read", "a"));
    doubts.resolve(PieceIndex(1));
    EXPECT_EQ(doubts.unread(), nullptr);
}

TEST_F(DoubtsTest, AFileOfWhichNothingCouldBeReadMayBeOurs) {
    doubts.begin(Bitfield(layout.piece_count(), true), {FileIndex(0), FileIndex(1)});
    doubts.take();
    have.set(PieceIndex(3));
    doubts.add_unread(PieceIndex(0), Error::system(EIO, "read", "a"));
    EXPECT_EQ(doubts.foreign(layout, have), std::nullopt);
    EXPECT_FALSE(doubts.all_ours());
    doubts.take();
    EXPECT_EQ(doubts.foreign(layout, have), FileIndex(0));
}

}  // namespace
}  // namespace spate::piece_store
