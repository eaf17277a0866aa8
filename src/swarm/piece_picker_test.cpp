// PiecePicker: what is asked of whom.
#include <array>
#include <gtest/gtest.h>

#include "swarm/picker_test_swarm.h"

namespace spate::swarm {
namespace {

using metainfo::Bitfield;

TEST(PiecePicker, AsksForEveryBlockOnceWithTheLengthsOfTheLayout) {
    PickerSwarm swarm(one_file(3 * 65536 + 20'000, 65536));
    swarm.seed(ann);
    const auto requests = swarm.pick(ann, 100);
    EXPECT_EQ(requests.size(), 14U);
    EXPECT_EQ(std::set(requests.begin(), requests.end()).size(), 14U);
    std::uint64_t bytes = 0;
    for (const auto& request : requests) bytes += request.length;
    EXPECT_EQ(bytes, swarm.layout.total_size());
    EXPECT_TRUE(swarm.pick(ann, 100).empty());
    EXPECT_EQ(swarm.picker.outstanding(ann), 14U);
}

TEST(PiecePicker, PadsAreNotAskedFor) {
    std::vector<metainfo::File> files(3);
    files[0].size = 20'000;
    files[0].path = "a";
    files[1].size = 65536 - 20'000;
    files[1].attributes.pad = true;
    files[2].size = 10;
    files[2].path = "b";
    PickerSwarm swarm(
        *metainfo::FileLayout::make(std::move(files), {}, 65536, metainfo::FileLayout::Alignment::none));
    swarm.seed(ann);
    const auto requests = swarm.pick(ann, 10);
    ASSERT_EQ(requests.size(), 3U);
    EXPECT_EQ(requests[0].length + requests[1].length + requests[2].length, 20'010U);
}

TEST(PiecePicker, RarestFirstAndTiesAtRandom) {
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

TEST(PiecePicker, HigherPriorityFirstAndZeroNever) {
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

TEST(PiecePicker, BegunPiecesComeFirst) {
    PickerSwarm swarm(pieces_of_blocks(50, 8));
    swarm.have_some();
    swarm.seed(ann);
    swarm.seed(ben);
    const auto first = swarm.pick(ann, 3);
    const auto rest = swarm.pick(ben, 5);
    EXPECT_EQ(pieces(first), pieces(rest));
    EXPECT_NE(pieces(swarm.pick(ben, 1)), pieces(first));
}

TEST(PiecePicker, AFastPeerKeepsItsPieceAndOthersHelpAtTheEnd) {
    PickerSwarm swarm(pieces_of_blocks(7, 8));
    swarm.have_some();
    swarm.seed(ann);
    swarm.seed(ben);
    const auto whole = swarm.pick(ann, 2, PickMode::whole);
    const auto other = swarm.pick(ben, 2);
    EXPECT_NE(pieces(whole), pieces(other));
    EXPECT_EQ(pieces(swarm.pick(ann, 6, PickMode::whole)), pieces(whole));
    swarm.pick(ann, 1, PickMode::whole);
    swarm.pick(ben, 6);
    EXPECT_EQ(swarm.pick(ben, 100).size(), 7U);  // of ann's second piece
}

TEST(PiecePicker, SequentialTakesTheLowestPieceOfThePeer) {
    PickerSwarm swarm(pieces_of_blocks(100, 2));
    swarm.picker.set_sequential(true);
    swarm.seed(ann);
    swarm.leecher(ben, {70, 80});
    EXPECT_EQ(pieces(swarm.pick(ann, 6)), (std::set<std::uint32_t>{0, 1, 2}));
    EXPECT_EQ(pieces(swarm.pick(ben, 2)), (std::set<std::uint32_t>{70}));
    EXPECT_EQ(pieces(swarm.pick(ann, 2)), (std::set<std::uint32_t>{3}));
}

TEST(PiecePicker, LostPiecesAreWantedAgain) {
    PickerSwarm swarm(pieces_of_blocks(5, 1));
    swarm.picker.set_have(Bitfield(5, true));
    swarm.leecher(ann, {2, 3});
    EXPECT_FALSE(swarm.picker.interesting(ann));
    EXPECT_TRUE(swarm.pick(ann, 5).empty());
    swarm.picker.lost(PieceIndex(3));
    EXPECT_TRUE(swarm.picker.interesting(ann));
    EXPECT_EQ(pieces(swarm.pick(ann, 5)), (std::set<std::uint32_t>{3}));
}

TEST(PiecePicker, WhatPeersHave) {
    PickerSwarm swarm(pieces_of_blocks(4, 1));
    swarm.picker.peer_joined(ann);
    EXPECT_FALSE(swarm.picker.interesting(ann));
    EXPECT_FALSE(swarm.picker.all_available());
    for (std::uint32_t i = 0; i < 4; ++i) swarm.picker.peer_has(ann, PieceIndex(i));
    EXPECT_TRUE(swarm.picker.is_seed(ann));
    EXPECT_TRUE(swarm.picker.all_available());
    swarm.picker.peer_lacks(ann, PieceIndex(1));
    EXPECT_EQ(swarm.picker.count_of(ann), 3U);
    EXPECT_FALSE(swarm.picker.all_available());
    swarm.seed(ben);
    EXPECT_EQ(swarm.picker.seeds(), 1U);
    swarm.picker.peer_lacks(ben, PieceIndex(0));
    EXPECT_EQ(swarm.picker.seeds(), 0U);
    EXPECT_EQ(swarm.picker.availability(PieceIndex(0)), 1U);
    EXPECT_EQ(swarm.picker.availability(PieceIndex(1)), 1U);
    swarm.picker.peer_gone(ann);
    swarm.picker.peer_gone(ben);
    for (std::uint32_t i = 0; i < 4; ++i) EXPECT_EQ(swarm.picker.availability(PieceIndex(i)), 0U);
}

TEST(PiecePicker, CountsTheBlocksThatAreStillToCome) {
    PickerSwarm swarm(one_file(4 * mib, mib));
    swarm.seed(ann);
    EXPECT_EQ(swarm.picker.missing_blocks(), 256U);
    swarm.picker.verified(PieceIndex(0));
    EXPECT_EQ(swarm.picker.missing_blocks(), 192U);
    const auto asked = swarm.pick(ann, 10);
    EXPECT_EQ(swarm.picker.missing_blocks(), 192U);
    for (const auto& request : asked) swarm.picker.on_block(ann, request);
    EXPECT_EQ(swarm.picker.missing_blocks(), 182U);
    swarm.picker.failed(asked.front().piece);
    EXPECT_EQ(swarm.picker.missing_blocks(), 192U);
}

TEST(PiecePicker, SuggestedPiecesGoFirstAmongEqualPriorities) {
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

TEST(PiecePicker, AllowedPiecesOnly) {
    PickerSwarm swarm(pieces_of_blocks(10, 2));
    swarm.leecher(ann, {1, 2, 3});
    const std::array allowed{PieceIndex(2), PieceIndex(7)};
    Requests out;
    swarm.picker.pick_of(allowed, ann, 10, swarm.now, out);
    EXPECT_EQ(pieces(out), (std::set<std::uint32_t>{2}));
}

// A peer that has little, in a torrent of many pieces: it is found, and when nothing is left, at once.
TEST(PiecePicker, FindsTheOnePieceOfAPoorPeer) {
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
