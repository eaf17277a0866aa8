#include "piece_store/held_pieces.h"

#include <gtest/gtest.h>

namespace spate::piece_store {
namespace {

using metainfo::PieceIndex;

TEST(HeldPieces, WhatAStateVouchedForIsNotFresh) {
    HeldPieces held(3);
    metainfo::Bitfield found(3);
    found.set(PieceIndex(1));
    held.begin(found);
    held.add(PieceIndex(2));
    EXPECT_EQ(held.have().count(), 2U);
    EXPECT_FALSE(held.fresh().has(PieceIndex(1)));
    EXPECT_TRUE(held.fresh().has(PieceIndex(2)));
    EXPECT_TRUE(held.lose(PieceIndex(1)));
    EXPECT_FALSE(held.lose(PieceIndex(1)));
}

TEST(HeldPieces, AfterASyncThatFailedOnlyWhatIsThereStillIsFresh) {
    HeldPieces held(4);
    for (const std::uint32_t piece : {0U, 1U}) held.add(PieceIndex(piece));
    const auto taken = held.take_fresh();
    EXPECT_EQ(taken.count(), 2U);
    EXPECT_TRUE(held.fresh().none());
    held.add(PieceIndex(3));  // meanwhile
    held.lose(PieceIndex(0));
    held.put_back(taken);
    EXPECT_FALSE(held.fresh().has(PieceIndex(0)));
    EXPECT_TRUE(held.fresh().has(PieceIndex(1)));
    EXPECT_TRUE(held.fresh().has(PieceIndex(3)));
}

}  // namespace
}  // namespace spate::piece_store
