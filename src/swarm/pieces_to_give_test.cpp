#include "swarm/pieces_to_give.h"

#include <gtest/gtest.h>

namespace spate::swarm {
namespace {

constexpr PeerKey ann{0}, ben{1};
constexpr PieceIndex piece{3};

TEST(PiecesToGive, EachIsNextOnceInOrderAround) {
    Rng rng(1);
    PiecesToGive pieces(10, rng);
    const auto first = pieces.next();
    for (std::uint32_t i = 0; i < 10; ++i) {
        const PieceIndex expected((first.value + i) % 10);
        if (i > 0) {
            EXPECT_EQ(pieces.next(), expected);
        }
        EXPECT_TRUE(pieces.give(expected, ann));
        EXPECT_FALSE(pieces.give(expected, ben));
    }
    EXPECT_TRUE(pieces.none());
}

TEST(PiecesToGive, WhatIsTakenBackIsToGiveUnlessSomebodyHasIt) {
    Rng rng(1);
    PiecesToGive pieces(10, rng);
    pieces.give(piece, ann);
    EXPECT_TRUE(pieces.is_given_to(piece, ann));
    pieces.take_back(piece);
    EXPECT_FALSE(pieces.is_given_to(piece, ann));
    EXPECT_TRUE(pieces.has(piece));
    pieces.give(piece, ann);
    EXPECT_EQ(pieces.add_holder(piece), ann);
    pieces.take_back(piece);
    EXPECT_FALSE(pieces.has(piece));
    pieces.remove_holder(piece);
    EXPECT_TRUE(pieces.has(piece));
}

TEST(PiecesToGive, NothingComesBackWhenClosed) {
    Rng rng(1);
    PiecesToGive pieces(10, rng);
    pieces.give(piece, ann);
    pieces.close();
    pieces.take_back(piece);
    EXPECT_FALSE(pieces.has(piece));
}

}  // namespace
}  // namespace spate::swarm
