#include "apps/piece_bar.h"

#include <gtest/gtest.h>
#include <vector>

namespace spate::apps {
namespace {

TEST(PieceBar, ShadesStandForHowMuchOfAStretchIsThere) {
    const std::vector<std::uint8_t> cells{0, 1, 100, 200, 254, 255};
    EXPECT_EQ(piece_bar(cells, 6), "·░▒▓▓█");
}

TEST(PieceBar, AFewCellsAreStretchedAndManyAreJoined) {
    EXPECT_EQ(piece_bar(std::vector<std::uint8_t>{255, 0}, 4), "██··");
    EXPECT_EQ(piece_bar(std::vector<std::uint8_t>{255, 255, 255, 0, 0, 0}, 3), "█▒·");
}

TEST(PieceBar, WhatIsUnknownIsEmpty) {
    EXPECT_EQ(piece_bar({}, 3), "···");
}

}  // namespace
}  // namespace spate::apps
