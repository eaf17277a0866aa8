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

TEST(PiecePicker, BlocksOfAnEarlierRunAreNotAskedFor) {
    PickerSwarm swarm(pieces_of_blocks(3, 4));
    swarm.seed(ann);
    const metainfo::PieceIndex piece(1);
    EXPECT_FALSE(swarm.picker.restore(piece, {true, false, true}));
    EXPECT_TRUE(swarm.picker.restore(piece, {true, false, true, false}));
    EXPECT_FALSE(swarm.picker.restore(piece, {true, false, true, false}));
    EXPECT_EQ(swarm.pick(ann, 100).size(), 10U);
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

TEST(PiecePicker, VerifiedPiecesDoNotCountAsBlocksThatAreThere) {
    PickerSwarm swarm(pieces_of_blocks(4, 4));
    swarm.seed(ann);
    const auto asked = swarm.pick(ann, 4);
    for (const auto& request : asked) swarm.picker.on_block(ann, request);
    EXPECT_EQ(swarm.picker.missing_blocks(), 12U);
    swarm.picker.verified(asked.front().piece);
    EXPECT_EQ(swarm.picker.missing_blocks(), 12U);
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

}  // namespace
}  // namespace spate::swarm
