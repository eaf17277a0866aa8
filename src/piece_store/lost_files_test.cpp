// Files that somebody removes while they are written to, and jobs that find it out one after the other.
#include <gmock/gmock.h>

#include "piece_store/piece_store.h"
#include "piece_store/test_world.h"

namespace spate::piece_store {
namespace {

using metainfo::PieceIndex;
using metainfo::TorrentVersion;
using ::testing::ElementsAre;
constexpr std::uint32_t KiB = 1024;

// One file is open at a time, so that each write to another one opens it, and sees whether it is there.
class LostFiles : public StoreFixture {
  protected:
    LostFiles() { resources = std::make_unique<Resources>(world, ResourceLimits{.open_files = 1}); }
    void expect_all() {
        get_all();
        for (std::uint32_t piece = 0; piece < torrent.pieces(); ++piece)
            EXPECT_EQ(read(piece, 0, 64 * KiB).value(), copy_of(torrent.piece(piece))) << piece;
        EXPECT_TRUE(sync());
        EXPECT_FALSE(events.trouble);
    }
    // Pieces 0 to 2 are in T/a, 3 to 5 in T/b, 6 to 8 in T/c.
    const TestTorrent torrent = make_torrent(TorrentVersion::v1, {192 * KiB, 192 * KiB, 192 * KiB}, 64 * KiB);
};

TEST_F(StoreFixture, AFileThatIsTakenAwayWhileItComesIsNotCalledDone) {
    const auto torrent = make_torrent(TorrentVersion::v1, {128 * KiB}, 64 * KiB);
    begin(torrent);
    get_piece(0);
    take_away("T");
    get_piece(1);
    EXPECT_FALSE(sync());
    EXPECT_THAT(events.lost, ElementsAre(0, 1));
    get_all();
    EXPECT_TRUE(sync());
    EXPECT_EQ(on_disk("T"), torrent.space);
}

TEST_F(LostFiles, OneThatASavedStateClaimsIsWrittenAnewAfterTheNextState) {
    begin(torrent);
    store->set_on_unsaved([] {});
    get_piece(0);
    get_piece(3);
    ASSERT_TRUE(sync());
    store->saved();
    take_away("T/a");
    get_piece(1);
    EXPECT_THAT(events.lost, ElementsAre(0));
    EXPECT_FALSE(events.trouble);
    get_piece(4);
    EXPECT_THAT(have(), ElementsAre(3));
    const auto state = sync();
    ASSERT_TRUE(state) << "it cannot be synced, and need not be";
    EXPECT_EQ(state->have.count(), 1U);
    EXPECT_EQ(state->stamps[0].state, FileStamp::State::absent);
    EXPECT_FALSE(disk.exists("/data/T/a"));
    store->saved();
    settle();
    EXPECT_THAT(have(), ElementsAre(1, 3, 4));
    expect_all();
}

TEST_F(LostFiles, ALossThatIsNotYetToldIsNotForgottenWithAnother) {
    begin(torrent);
    get_piece(3);
    ASSERT_TRUE(sync(PieceStore::Closing::yes));  // T/b rests: the next sync does not look at it
    get_piece(0);
    get_piece(6);
    take_away("T/a");
    take_away("T/b");
    std::optional<Result<StoredState>> state;
    store->sync(PieceStore::Closing::no, [&](Result<StoredState> result) { state = std::move(result); });
    submit_piece(4);
    ASSERT_EQ(pool.waiting(), 2U);
    auto synced = pool.run_one();
    auto written = pool.run_one();  // finds out about T/b, and is not over yet
    synced();
    ASSERT_TRUE(state);
    EXPECT_FALSE(*state);
    written();
    settle();
    store->retry();
    settle();
    EXPECT_THAT(events.lost, ElementsAre(0, 3));
    EXPECT_THAT(have(), ElementsAre(4, 6));
    expect_all();
}

TEST_F(LostFiles, OneThatAJobFindsWhileTheStateOfAnotherIsSavedIsWaitedForToo) {
    begin(torrent);
    store->set_on_unsaved([] {});
    get_piece(0);
    get_piece(3);
    get_piece(6);
    ASSERT_TRUE(sync(PieceStore::Closing::yes));  // all rest: the next sync looks at none
    store->saved();
    take_away("T/a");
    take_away("T/b");
    submit_piece(1);
    submit_piece(4);
    ASSERT_EQ(pool.waiting(), 2U);
    pool.run_job();
    reactor.run_posted();
    EXPECT_THAT(events.lost, ElementsAre(0));
    std::optional<Result<StoredState>> state;
    store->sync(PieceStore::Closing::no, [&](Result<StoredState> result) { state = std::move(result); });
    ASSERT_EQ(pool.waiting(), 2U);
    auto synced = pool.run_one(1);
    auto written = pool.run_one();
    synced();
    ASSERT_TRUE(state && *state);
    store->saved();
    settle();
    EXPECT_TRUE(disk.exists("/data/T/a"));
    written();
    settle();
    EXPECT_THAT(events.lost, ElementsAre(0, 3));
    EXPECT_FALSE(disk.exists("/data/T/b")) << "a saved state claims it";
    EXPECT_TRUE(sync());
    store->saved();
    settle();
    EXPECT_THAT(have(), ElementsAre(1, 4, 6));
    expect_all();
}

TEST_F(LostFiles, WhatWasWrittenToItBeforeIsNotBelievedLater) {
    begin(torrent);
    get_piece(0);
    submit_piece(1);
    auto written = pool.run_one();
    get_piece(6);
    take_away("T/a");
    get_piece(2);
    EXPECT_THAT(events.lost, ElementsAre(0));
    EXPECT_TRUE(disk.exists("/data/T/a"));
    EXPECT_THAT(have(), ElementsAre(2, 6));
    written();
    settle();
    EXPECT_THAT(have(), ElementsAre(2, 6));
    EXPECT_EQ(events.verdicts.at(1).outcome, PieceVerdict::Outcome::error);
    expect_all();
}

// Blocks that went to disk early were in the file that is gone; nobody sent a wrong one.
TEST_F(LostFiles, APieceOfWhichSomeIsGoneIsNotCalledBad) {
    const auto large = make_torrent(TorrentVersion::v1, {384 * KiB, 128 * KiB}, 128 * KiB);
    begin(large);
    get_piece(0);
    put_block(1, 0, large.piece(1).first(16 * KiB));
    ASSERT_TRUE(sync(PieceStore::Closing::yes));
    get_piece(3);
    for (std::uint32_t at = 16 * KiB; at < 128 * KiB; at += 16 * KiB)
        put_block(1, at, large.piece(1).subspan(at, 16 * KiB));
    take_away("T/a");
    submit_piece(2);
    store->verify(PieceIndex(1));
    store->hurry();
    ASSERT_EQ(pool.waiting(), 2U);
    pool.run_job();  // finds out
    reactor.run_posted();
    ASSERT_EQ(pool.waiting(), 2U);
    reactor.post(pool.run_one(1));  // makes the file anew
    reactor.run_posted();
    EXPECT_TRUE(disk.exists("/data/T/a"));
    settle();
    EXPECT_EQ(events.verdicts.at(1).outcome, PieceVerdict::Outcome::error);
    EXPECT_THAT(have(), ElementsAre(2, 3));
    get_all();
    EXPECT_TRUE(sync());
    EXPECT_EQ(on_disk("T/a"), copy_of(large.file(0)));
}

}  // namespace
}  // namespace spate::piece_store
