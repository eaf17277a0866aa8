#include "swarm/piece_deadlines.h"

#include <gtest/gtest.h>

namespace spate::swarm {
namespace {

using std::chrono::seconds;

constexpr TimePoint start{};

TEST(PieceDeadlines, SoonestFirstAndTheNewOneCounts) {
    PieceDeadlines deadlines;
    deadlines.set(PieceIndex(7), start + seconds(3));
    deadlines.set(PieceIndex(5), start + seconds(1));
    deadlines.set(PieceIndex(6), start + seconds(2));
    deadlines.set(PieceIndex(5), start + seconds(4));
    deadlines.set(PieceIndex(6), never);
    deadlines.set(PieceIndex(8), never);
    const auto all = deadlines.soonest_first();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0], (PieceDeadline{start + seconds(3), PieceIndex(7)}));
    EXPECT_EQ(all[1], (PieceDeadline{start + seconds(4), PieceIndex(5)}));
}

TEST(PieceDeadlines, TheLatestAreLeftOut) {
    PieceDeadlines deadlines;
    for (std::uint32_t i = PieceDeadlines::deadlines_max + 1; i > 0; --i)
        deadlines.set(PieceIndex(i), start + seconds(i));
    const auto all = deadlines.soonest_first();
    ASSERT_EQ(all.size(), PieceDeadlines::deadlines_max);
    EXPECT_EQ(all.front().piece, PieceIndex(1));
    EXPECT_EQ(all.back().piece, PieceIndex(PieceDeadlines::deadlines_max));
}

}  // namespace
}  // namespace spate::swarm
