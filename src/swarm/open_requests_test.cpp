// OpenRequests, through PiecePicker: what becomes of requests.
#include <gtest/gtest.h>

#include "swarm/picker_test_swarm.h"

namespace spate::swarm {
namespace {

using std::chrono::seconds;

TEST(OpenRequests, VerdictsOfBlocks) {
    PickerSwarm swarm(pieces_of_blocks(6, 2));
    swarm.seed(ann);
    swarm.seed(ben);
    swarm.now += seconds(3);
    const auto asked = swarm.pick(ann, 2);
    EXPECT_EQ(swarm.picker.on_block(ben, asked[0]).verdict, BlockVerdict::unasked);
    auto odd = asked[0];
    odd.length -= 1;
    EXPECT_EQ(swarm.picker.on_block(ann, odd).verdict, BlockVerdict::unasked);
    odd = asked[0];
    odd.piece = PieceIndex(UINT32_MAX);
    EXPECT_EQ(swarm.picker.on_block(ann, odd).verdict, BlockVerdict::unasked);
    odd = asked[0];
    odd.offset = 0xffff'c000;
    EXPECT_EQ(swarm.picker.on_block(ann, odd).verdict, BlockVerdict::unasked);

    EXPECT_TRUE(swarm.picker.expected(ann, asked[0]));
    const auto outcome = swarm.picker.on_block(ann, asked[0]);
    EXPECT_EQ(outcome.verdict, BlockVerdict::accepted);
    EXPECT_EQ(outcome.asked_at, swarm.now);
    EXPECT_FALSE(outcome.piece_complete);
    EXPECT_EQ(swarm.picker.on_block(ann, asked[0]).verdict, BlockVerdict::unasked);
    EXPECT_TRUE(swarm.picker.on_block(ann, asked[1]).piece_complete);
    swarm.picker.verified(asked[0].piece);
    EXPECT_EQ(swarm.picker.missing(), 5U);
}

TEST(OpenRequests, AChokeFreesItsBlocksWhichMayComeLate) {
    PickerSwarm swarm(pieces_of_blocks(6, 2));
    swarm.seed(ann);
    swarm.seed(ben);
    const auto asked = swarm.pick(ann, 2);
    swarm.picker.choked(ann);
    EXPECT_EQ(swarm.picker.outstanding(ann), 0U);
    for (const auto& request : swarm.pick(ben, 12)) {
        const auto outcome = swarm.picker.on_block(ben, request);
        if (outcome.piece_complete) swarm.picker.verified(request.piece);
    }
    EXPECT_EQ(swarm.picker.missing(), 0U);
    EXPECT_EQ(swarm.picker.on_block(ann, asked[0]).verdict, BlockVerdict::duplicate);
    EXPECT_EQ(swarm.picker.on_block(ann, asked[1]).verdict, BlockVerdict::duplicate);
    EXPECT_EQ(swarm.picker.on_block(ann, asked[1]).verdict, BlockVerdict::unasked);
}

TEST(OpenRequests, ARejectedPieceIsLeftAloneForAWhile) {
    PickerSwarm swarm(pieces_of_blocks(20, 1));
    swarm.have_some();
    swarm.leecher(ann, {0, 1, 2});
    const auto first = swarm.pick(ann, 1);
    swarm.picker.rejected(ann, first[0], swarm.now);
    const auto second = swarm.pick(ann, 1);
    EXPECT_NE(second[0].piece, first[0].piece);
    swarm.picker.rejected(ann, second[0], swarm.now);
    EXPECT_TRUE(swarm.pick(ann, 1).empty());
    swarm.now += PeerRejects::pause;
    EXPECT_EQ(swarm.pick(ann, 3).size(), 3U);
}

TEST(OpenRequests, AFailedPieceIsAskedOfOnePeerAtATime) {
    PickerSwarm swarm(pieces_of_blocks(5, 4));
    swarm.have_some();
    swarm.seed(ann);
    swarm.seed(ben);
    auto requests = swarm.pick(ann, 2);
    for (const auto& request : requests) swarm.picker.on_block(ann, request);
    requests = swarm.pick(ben, 2);
    for (const auto& request : requests) swarm.picker.on_block(ben, request);
    swarm.picker.failed(PieceIndex(0));
    EXPECT_EQ(swarm.picker.missing(), 1U);
    EXPECT_EQ(swarm.pick(ben, 1).size(), 1U);
    EXPECT_TRUE(swarm.pick(ann, 4).empty());
    swarm.picker.peer_gone(ben);
    EXPECT_EQ(swarm.pick(ann, 4).size(), 4U);
}

TEST(OpenRequests, WhoLetsGoOfAFailedPieceAndTakesItAgainDoesNotKeepIt) {
    PickerSwarm swarm(pieces_of_blocks(5, 4));
    swarm.have_some();
    swarm.seed(ann);
    swarm.seed(ben);
    for (const auto& request : swarm.pick(ann, 4)) swarm.picker.on_block(ann, request);
    swarm.picker.failed(PieceIndex(0));
    for (auto left = swarm.now + OpenRequests::one_peer_patience; swarm.now < left;
         swarm.now += std::chrono::seconds(15)) {
        EXPECT_EQ(swarm.pick(ben, 4).size(), 4U);
        EXPECT_TRUE(swarm.pick(ann, 4).empty());
        swarm.picker.peer_gone(ben);
        swarm.seed(ben);
    }
    EXPECT_EQ(swarm.pick(ben, 3).size(), 3U);
    EXPECT_FALSE(swarm.pick(ann, 4).empty());
}

TEST(OpenRequests, OneWrongBlockAloneIsMissingAgain) {
    PickerSwarm swarm(pieces_of_blocks(5, 4));
    swarm.have_some();
    swarm.seed(ann);
    const auto requests = swarm.pick(ann, 4);
    for (const auto& request : requests) swarm.picker.on_block(ann, request);
    swarm.picker.block_failed(requests[2]);
    EXPECT_EQ(swarm.pick(ann, 4), Requests{requests[2]});
    EXPECT_TRUE(swarm.picker.on_block(ann, requests[2]).piece_complete);
}

}  // namespace
}  // namespace spate::swarm
