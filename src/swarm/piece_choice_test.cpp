// PieceChoice, through PiecePicker: which piece next.
#include <gtest/gtest.h>

#include "swarm/picker_test_swarm.h"

namespace spate::swarm {
namespace {

TEST(PieceChoice, RarestFirstAndTiesAtRandom) {
    PickerSwarm swarm(pieces_of_blocks(20, 1));
    swarm.have_some();
    swarm.seed(ann);
    swarm.leecher(ben, {0, 1, 2, 3, 4, 5, 6, 7});
    swarm.leecher(cat, {0, 1, 2, 3});
    EXPECT_EQ(swarm.picker.availability(PieceIndex(0)), 3U);
    EXPECT_EQ(pieces(swarm.pick(ann, 8)), (std::set<std::uint32_t>{8, 9, 10, 11, 12, 13, 14, 15}));
    EXPECT_EQ(pieces(swarm.pick(ann, 4)), (std::set<std::uint32_t>{4, 5, 6, 7}));
    std::set<std::uint32_t> firsts;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        PickerSwarm other(pieces_of_blocks(20, 1), seed);
        other.have_some();
        other.seed(ann);
        firsts.insert(other.pick(ann, 1)[0].piece.value);
    }
    EXPECT_GT(firsts.size(), 5U);
}

TEST(PieceChoice, HigherPriorityFirstAndZeroNever) {
    PickerSwarm swarm(pieces_of_blocks(10, 2));
    swarm.have_some();
    swarm.seed(ann);
    swarm.leecher(ben, {3});
    set_priority(swarm.picker, PieceIndex(3), 7);
    set_priority(swarm.picker, PieceIndex(4), 0);
    EXPECT_EQ(swarm.picker.missing(), 5U);
    EXPECT_EQ(pieces(swarm.pick(ann, 2)), (std::set<std::uint32_t>{3}));
    EXPECT_FALSE(pieces(swarm.pick(ann, 100)).contains(4));
    std::vector<Priority> none(10, 0);
    swarm.picker.set_priorities(none);
    EXPECT_EQ(swarm.picker.missing(), 0U);
    EXPECT_FALSE(swarm.picker.interesting(ann));
    EXPECT_FALSE(swarm.picker.interesting(ben));
    none[4] = 1;
    swarm.picker.set_priorities(none);
    EXPECT_EQ(pieces(swarm.pick(ann, 100)), (std::set<std::uint32_t>{4}));
}

TEST(PieceChoice, BegunPiecesComeFirst) {
    PickerSwarm swarm(pieces_of_blocks(50, 8));
    swarm.have_some();
    swarm.seed(ann);
    swarm.seed(ben);
    const auto first = swarm.pick(ann, 3);
    const auto rest = swarm.pick(ben, 5);
    EXPECT_EQ(pieces(first), pieces(rest));
    EXPECT_NE(pieces(swarm.pick(ben, 1)), pieces(first));
}

TEST(PieceChoice, SequentialTakesTheLowestPieceOfThePeer) {
    PickerSwarm swarm(pieces_of_blocks(100, 2));
    swarm.picker.set_sequential(true);
    swarm.seed(ann);
    swarm.leecher(ben, {70, 80});
    EXPECT_EQ(pieces(swarm.pick(ann, 6)), (std::set<std::uint32_t>{0, 1, 2}));
    EXPECT_EQ(pieces(swarm.pick(ben, 2)), (std::set<std::uint32_t>{70}));
    EXPECT_EQ(pieces(swarm.pick(ann, 2)), (std::set<std::uint32_t>{3}));
}

TEST(PieceChoice, SuggestedPiecesGoFirstAmongEqualPriorities) {
    PickerSwarm swarm(pieces_of_blocks(40, 1));
    swarm.have_some();
    swarm.seed(ann);
    swarm.leecher(ben, {3, 4});
    for (std::uint32_t i = 0; i < 30; ++i) swarm.picker.peer_suggests(ann, PieceIndex(i));
    swarm.picker.peer_suggests(ann, PieceIndex(3));
    swarm.picker.peer_suggests(ann, PieceIndex(39));  // is there
    swarm.picker.peer_suggests(ben, PieceIndex(20));  // it has it not
    EXPECT_EQ(pieces(swarm.pick(ann, 1)), (std::set<std::uint32_t>{3}));
    set_priority(swarm.picker, PieceIndex(5), priority_max);
    EXPECT_EQ(pieces(swarm.pick(ann, 2)), (std::set<std::uint32_t>{5, 29}));
    EXPECT_EQ(pieces(swarm.pick(ben, 5)), (std::set<std::uint32_t>{4}));
    const auto rest = swarm.pick(ann, 13);
    EXPECT_EQ(pieces(rest).size(), 13U);
    for (const auto piece : pieces(rest)) EXPECT_TRUE(piece >= 16 && piece < 29) << piece;
    EXPECT_EQ(swarm.pick(ann, 100).size(), 40U - 4 - 3 - 1 - 13);
}

TEST(PieceChoice, FindsTheOnePieceOfAPoorPeer) {
    PickerSwarm swarm(pieces_of_blocks(100'000, 1));
    swarm.have_some();
    swarm.leecher(ann, {54'321});
    swarm.leecher(ben, {7});
    EXPECT_EQ(pieces(swarm.pick(ann, 5)), (std::set<std::uint32_t>{54'321}));
    EXPECT_TRUE(swarm.pick(ann, 5).empty());
    swarm.picker.peer_has(ann, PieceIndex(99'000));
    EXPECT_EQ(pieces(swarm.pick(ann, 5)), (std::set<std::uint32_t>{99'000}));
    EXPECT_EQ(pieces(swarm.pick(ben, 5)), (std::set<std::uint32_t>{7}));
}

}  // namespace
}  // namespace spate::swarm
