// EndGame, through PiecePicker: work taken from slow peers, at the end, from snubbed ones, for deadlines.
#include <gtest/gtest.h>

#include "swarm/picker_test_swarm.h"

namespace spate::swarm {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(EndGame, DeadlinesGoBeforeEverythingAndWhatWouldMissThemIsTakenOver) {
    PickerSwarm swarm(pieces_of_blocks(100, 2));
    swarm.have_some();
    swarm.seed(ann);
    swarm.seed(ben);
    swarm.picker.set_deadline(PieceIndex(60), swarm.now + seconds(9));
    swarm.picker.set_deadline(PieceIndex(50), swarm.now + milliseconds(1500));
    swarm.picker.set_speed(ann, 8'000, false);  // a second a block
    const auto asked = swarm.pick(ann, 2);
    EXPECT_EQ(pieces(asked), (std::set<std::uint32_t>{50}));
    swarm.picker.set_speed(ben, 8 * mib, false);
    EXPECT_EQ(swarm.pick(ben, 1), Requests{asked[1]});
    EXPECT_EQ(swarm.picker.outstanding(ann), 1U);
    EXPECT_EQ(pieces(swarm.pick(ben, 2)), (std::set<std::uint32_t>{60}));
}

// The end game: slow ann owes the last four blocks, fast ben is there.
struct SlowAndFast : PickerSwarm {
    SlowAndFast() : PickerSwarm(pieces_of_blocks(5, 4)) {
        have_some();
        seed(ann);
        seed(ben);
        picker.set_speed(ann, 20'000, false);
        picker.set_speed(ben, 20 * mib, false);
        asked = pick(ann, 4);
    }
    Requests asked;
};

TEST(EndGame, EndGameAsksTheFastPeerForWhatTheSlowOneOwes) {
    SlowAndFast swarm;
    const auto& asked = swarm.asked;
    EXPECT_TRUE(swarm.picker.end_game());
    const auto again = swarm.pick(ben, 1);
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again[0], asked[3]);  // the last of the slow peer's queue
    EXPECT_EQ(swarm.picker.outstanding(ann), 3U);
    EXPECT_EQ(swarm.picker.on_block(ben, again[0]).verdict, BlockVerdict::accepted);
    // The cancel crossed with the block.
    EXPECT_TRUE(swarm.picker.expected(ann, asked[3]));
    EXPECT_FALSE(swarm.picker.needed(asked[3]));
    EXPECT_EQ(swarm.picker.on_block(ann, asked[3]).verdict, BlockVerdict::duplicate);
    EXPECT_EQ(swarm.picker.on_block(ann, asked[3]).verdict, BlockVerdict::unasked);
}

TEST(EndGame, WhoTakesOverSaysWhatTheSlowOneNeedNotSend) {
    SlowAndFast swarm;
    const auto& asked = swarm.asked;
    Requests again;
    const auto not_needed = swarm.picker.pick(ben, 2, PickMode::spread, swarm.now, swarm.rng, again);
    ASSERT_EQ(not_needed.size(), 2U);
    EXPECT_EQ(not_needed[0], (PeerBlock{ann, asked[3]}));
    EXPECT_EQ(not_needed[1], (PeerBlock{ann, asked[2]}));
    // It came first after all.
    const auto outcome = swarm.picker.on_block(ann, asked[3]);
    EXPECT_EQ(outcome.verdict, BlockVerdict::accepted);
    ASSERT_EQ(outcome.cancel.size(), 1U);
    EXPECT_EQ(outcome.cancel[0], (PeerBlock{ben, asked[3]}));
}

// At the start nobody's speed is known, and in a small torrent all is asked for at once.
TEST(EndGame, WhoHasNotAnsweredYetIsNotTakenForSlow) {
    PickerSwarm swarm(pieces_of_blocks(1, 4));
    swarm.seed(ann);
    swarm.seed(ben);
    swarm.pick(ann, 4);
    swarm.picker.set_speed(ben, 20 * mib, false);
    swarm.now += seconds(1);
    EXPECT_TRUE(swarm.pick(ben, 4).empty());
    swarm.picker.set_deadline(PieceIndex(0), swarm.now + seconds(1));
    EXPECT_TRUE(swarm.pick(ben, 4).empty());
}

// Its rate would bring the last blocks sooner, but its answers take long: they are on their way.
TEST(EndGame, WhatIsInTimeByTheHoldersAnswersIsNotAskedForTwice) {
    PickerSwarm swarm(pieces_of_blocks(1, 2));
    swarm.seed(ann);
    swarm.seed(ben);
    swarm.picker.set_speed(ann, mib, false, seconds(4));
    swarm.picker.set_speed(ben, mib, false, seconds(4));
    swarm.pick(ann, 2);
    swarm.now += seconds(10);
    EXPECT_TRUE(swarm.pick(ben, 2).empty());
    swarm.now += seconds(9);
    EXPECT_EQ(swarm.pick(ben, 2).size(), 2U);
}

TEST(EndGame, EqualPeersDoNotDoubleTheLastBlocks) {
    PickerSwarm swarm(pieces_of_blocks(5, 4));
    swarm.have_some();
    swarm.seed(ann);
    swarm.seed(ben);
    swarm.picker.set_speed(ann, mib, false);
    swarm.picker.set_speed(ben, mib, false);
    swarm.pick(ann, 2);
    EXPECT_EQ(swarm.pick(ben, 10).size(), 2U);
}

// Nothing is known of either's speed; one says nothing, and never long enough to be snubbed.
TEST(EndGame, WhatASilentPeerOwesAtTheEndIsAskedOfOthers) {
    PickerSwarm swarm(pieces_of_blocks(1, 4));
    swarm.seed(ann);
    swarm.seed(ben);
    const auto owed = swarm.pick(ann, 2);
    for (const auto& request : swarm.pick(ben, 2)) swarm.picker.on_block(ben, request);
    EXPECT_TRUE(swarm.pick(ben, 2).empty());
    swarm.now += seconds(15);
    EXPECT_EQ(swarm.pick(ben, 2).size(), 2U);
}

// Peers that say they have everything and never send a block, ben among them, beside ann that does. He owes
// the beginning of what is left.
struct AmongLiars : PickerSwarm {
    AmongLiars() : PickerSwarm(pieces_of_blocks(6, 4)) {
        have_some();
        for (std::uint32_t i = 1; i <= liars; ++i) seed(PeerKey(i));
        seed(ann);
        pick(ben, 8);
    }
    void others_ask() {
        for (std::uint32_t i = 2; i <= liars; ++i) pick(PeerKey(i), 8);
    }
    static constexpr std::uint32_t liars = 5;
};

TEST(EndGame, WhoNeverAnswersHoldsUpTheEndForAMomentOnly) {
    AmongLiars swarm;
    ASSERT_TRUE(swarm.picker.end_game());
    swarm.picker.set_speed(ann, 8 * mib, false);
    swarm.now += seconds(4);
    swarm.others_ask();
    swarm.now += milliseconds(500);
    EXPECT_EQ(swarm.pick(ann, 8).size(), 8U);
}

TEST(EndGame, ThoseThatNeverAnswerDoNotTakeAllThePlacesForABlock) {
    AmongLiars swarm;
    swarm.now += seconds(30);
    swarm.others_ask();
    swarm.picker.set_speed(ann, 8 * mib, false);
    EXPECT_EQ(swarm.pick(ann, 8).size(), 8U);
}

TEST(EndGame, ASnubbedPeersBlocksAreFreeAndWelcomeWhenTheyComeAfterAll) {
    PickerSwarm swarm(pieces_of_blocks(20, 4));
    swarm.have_some();
    swarm.leecher(ann, {0});
    swarm.leecher(ben, {0});
    const auto owed = swarm.pick(ann, 4);
    EXPECT_TRUE(swarm.pick(ben, 4).empty());
    swarm.picker.set_speed(ann, 0, true);
    EXPECT_EQ(swarm.pick(ben, 2).size(), 2U);
    EXPECT_EQ(swarm.picker.on_block(ann, owed[0]).cancel.size(), 1U);  // it had been asked of ben
    EXPECT_EQ(swarm.picker.on_block(ann, owed[3]).verdict, BlockVerdict::accepted);
    swarm.picker.peer_gone(ann);
    EXPECT_EQ(swarm.pick(ben, 4).size(), 1U);
}

// A fast one that fell silent, and owes more than can be asked for twice.
TEST(EndGame, AllThatASnubbedPeerOwesIsAskedOfOthers) {
    constexpr std::uint32_t more = 100;
    PickerSwarm swarm(pieces_of_blocks(1, OpenRequests::duplicates_max + more));
    swarm.seed(ann);
    swarm.seed(ben);
    const auto owed = static_cast<std::uint32_t>(swarm.pick(ann, UINT32_MAX).size());
    ASSERT_EQ(owed, OpenRequests::duplicates_max + more);
    swarm.picker.set_speed(ben, mib, false);
    swarm.now += seconds(10);
    swarm.picker.set_speed(ann, 200 * mib, true);
    EXPECT_EQ(swarm.pick(ben, UINT32_MAX).size(), owed);
}

// One that sent false blocks and then trickles must not keep the piece for itself.
TEST(EndGame, ASlowPeerCannotHoldAPieceThatFailed) {
    PickerSwarm swarm(pieces_of_blocks(5, 64));
    swarm.have_some();
    swarm.seed(ann);
    swarm.seed(ben);
    for (const auto& request : swarm.pick(ann, 32)) swarm.picker.on_block(ann, request);
    for (const auto& request : swarm.pick(ben, 32)) swarm.picker.on_block(ben, request);
    swarm.picker.failed(PieceIndex(0));
    swarm.picker.set_speed(ann, 2'000, false);
    swarm.picker.set_speed(ben, 4 * mib, false);
    EXPECT_EQ(swarm.pick(ann, 4).size(), 4U);
    EXPECT_EQ(swarm.pick(ben, 64).size(), 64U);  // four of them for the second time
}

}  // namespace
}  // namespace spate::swarm
