// Pieces that a check could not read: they may be right, and may come from peers meanwhile.
#include <gmock/gmock.h>

#include "piece_store/piece_store.h"
#include "piece_store/test_world.h"

namespace spate::piece_store {
namespace {

using metainfo::PieceIndex;
using metainfo::TorrentVersion;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
constexpr std::uint32_t KiB = 1024;

class UnreadPieces : public StoreFixture {
  protected:
    void fail_reads() {
        disk.fault = [](const std::string& operation, const std::string& path) {
            return operation == "read" && path.starts_with("/data") ? EIO : 0;
        };
    }
    // All is there and synced; then piece 2 cannot be read.
    void lose_piece() {
        begin(torrent);
        get_all();
        ASSERT_TRUE(sync());
        fail_reads();
        ASSERT_FALSE(read(2, 0, 16 * KiB));
        ASSERT_THAT(events.lost, ElementsAre(2));
        ASSERT_TRUE(store->has_doubts());
    }
    // As far as that its piece waits for the pool, to be looked at.
    void begin_check() {
        disk.fault = {};
        store->check([this](const Result<void>&) { checked = true; });
        pool.run_job();
        reactor.run_posted();
        ASSERT_EQ(pool.waiting(), 1U);
    }
    // The pool is busy: they are not looked at before it finishes.
    void begin_check_later() {
        disk.fault = {};
        store->check([this](const Result<void>&) { checked = true; });
        pool.last_is_slow();
    }
    // Sent by somebody who has another torrent's.
    void put_wrong_block() { put_block(2, 0, torrent.piece(3).first(16 * KiB)); }
    void expect_all() {
        EXPECT_EQ(store->unread(), nullptr);
        EXPECT_TRUE(store->have().all());
        EXPECT_TRUE(sync(PieceStore::Closing::yes));
        EXPECT_EQ(on_disk("T"), torrent.space);
    }

    const TestTorrent torrent = make_torrent(TorrentVersion::v1, {256 * KiB}, 64 * KiB);
    bool checked = false;
};

TEST_F(UnreadPieces, AreLookedAtAgain) {
    lose_piece();
    EXPECT_TRUE(check());
    EXPECT_THAT(have(), ElementsAre(0, 1, 3));
    EXPECT_FALSE(store->has_doubts()) << "it was looked at";
    ASSERT_NE(store->unread(), nullptr);
    EXPECT_TRUE(store->unread()->is(std::errc::io_error));
    disk.fault = {};
    EXPECT_TRUE(check());
    EXPECT_THAT(events.checked, ElementsAre(2));
    expect_all();
}

TEST_F(UnreadPieces, MayComeFromOthers) {
    lose_piece();
    EXPECT_TRUE(check());
    get_piece(2);
    EXPECT_EQ(store->unread(), nullptr);
    EXPECT_TRUE(store->have().all());
}

TEST_F(UnreadPieces, AreNotThoseOfAFileThatIsGone) {
    begin(torrent);
    get_all();
    ASSERT_TRUE(sync(PieceStore::Closing::yes));
    disk.change_content("/data/T")[0] ^= 1;
    EXPECT_FALSE(read(2, 0, 16 * KiB));
    EXPECT_THAT(have(), IsEmpty());
    take_away("T");
    EXPECT_TRUE(check());
    EXPECT_EQ(store->unread(), nullptr);
}

TEST_F(UnreadPieces, OfAFileThatMayBeSomebodyElsesKeepItFromBeingWrittenTo) {
    disk.put("/data/T", torrent.space);
    static_cast<void>(disk.open_folder("/data", io::IfMissing::make));
    begin(torrent);
    fail_reads();
    std::optional<Result<void>> done;
    store->check([&](Result<void> result) { done = std::move(result); });
    settle();
    ASSERT_TRUE(done && !*done);
    EXPECT_TRUE(done->error().is(std::errc::io_error));
    EXPECT_FALSE(store->unsynced()) << "no state may make it ours";
    EXPECT_FALSE(store->take_baseline());
    disk.fault = {};
    EXPECT_TRUE(check());
    expect_all();
}

TEST_F(UnreadPieces, BlocksThatCameMeanwhileAreForgottenWhenItIsFound) {
    lose_piece();
    EXPECT_TRUE(check());
    put_wrong_block();
    disk.fault = {};
    EXPECT_TRUE(check());
    expect_all();
}

TEST_F(UnreadPieces, WhatIsWrittenToWhileItIsLookedAtIsNotBelieved) {
    lose_piece();
    begin_check();
    auto looked_at = pool.run_one();
    put_wrong_block();
    EXPECT_TRUE(sync(PieceStore::Closing::yes));
    looked_at();
    settle();
    EXPECT_TRUE(checked);
    EXPECT_THAT(have(), ElementsAre(0, 1, 3));
    EXPECT_NE(store->unread(), nullptr);
    EXPECT_TRUE(check());
    EXPECT_THAT(have(), ElementsAre(0, 1, 3));
    EXPECT_EQ(store->unread(), nullptr);
    store->discard(PieceIndex(2));
    get_piece(2);
    expect_all();
}

TEST_F(UnreadPieces, WhatIsBeingWrittenToWhenACheckBeginsIsNotBelieved) {
    lose_piece();
    put_wrong_block();
    std::optional<Result<StoredState>> state;
    store->sync(PieceStore::Closing::yes, [&](Result<StoredState> result) { state = std::move(result); });
    ASSERT_EQ(pool.waiting(), 1U);  // to be flushed
    pool.last_is_slow();
    disk.fault = {};
    store->check([this](const Result<void>&) { checked = true; });
    settle();
    EXPECT_TRUE(checked);
    EXPECT_THAT(have(), ElementsAre(0, 1, 3));
    EXPECT_NE(store->unread(), nullptr);
    pool.finish_slow();
    settle();
    EXPECT_TRUE(state && *state);
    EXPECT_TRUE(check());
    EXPECT_THAT(have(), ElementsAre(0, 1, 3));
}

TEST_F(UnreadPieces, AVerdictThatIsAwaitedComesFirst) {
    lose_piece();
    begin_check();
    put_piece(2, torrent.piece(3));
    store->verify(PieceIndex(2));
    store->hurry();
    settle();
    EXPECT_TRUE(checked);
    EXPECT_EQ(events.verdicts.at(2).outcome, PieceVerdict::Outcome::bad);
    EXPECT_THAT(have(), ElementsAre(0, 1, 3));
    ASSERT_NE(store->unread(), nullptr);
    EXPECT_TRUE(check());
    expect_all();
}

TEST_F(UnreadPieces, WhatComesWhileItIsLookedAtIsFoundOnce) {
    lose_piece();
    begin_check();
    auto looked_at = pool.run_one();
    get_piece(2);
    EXPECT_TRUE(store->have().all());
    looked_at();
    settle();
    EXPECT_THAT(events.checked, IsEmpty());
    expect_all();
}

TEST_F(UnreadPieces, WhatComesBeforeTheyAreLookedAtNeedNotBe) {
    lose_piece();
    begin_check_later();
    get_piece(2);
    EXPECT_TRUE(store->have().all());
    pool.finish_slow();
    settle();
    EXPECT_TRUE(checked);
    EXPECT_THAT(events.checked, IsEmpty());
    expect_all();
}

TEST_F(UnreadPieces, WhatWasWrittenBeforeTheyAreLookedAtIsSeen) {
    lose_piece();
    begin_check_later();
    put_wrong_block();
    EXPECT_TRUE(sync(PieceStore::Closing::yes));
    pool.finish_slow();
    settle();
    EXPECT_TRUE(checked);
    EXPECT_THAT(have(), ElementsAre(0, 1, 3));
    EXPECT_EQ(store->unread(), nullptr);
}

TEST_F(UnreadPieces, ThoseOfWhichBlocksWereLostWithASyncAreNotBelieved) {
    lose_piece();
    EXPECT_TRUE(check());
    put_block(2, 0, torrent.piece(2).first(16 * KiB));
    disk.fault = [](const std::string& operation, const std::string&) {
        return operation == "sync" ? EIO : 0;
    };
    EXPECT_FALSE(sync(PieceStore::Closing::yes));
    EXPECT_EQ(store->unread(), nullptr) << "it may be read so, and not lie there";
}

class Restarted : public UnreadPieces {
  protected:
    // As by a kill, with the state that a database gives.
    void restart(const StoredState& state) {
        forget_store();
        const auto octets = write_state(state);
        begin(torrent, {.state = read_state(octets, torrent.layout()), .keeps_state = true});
        ASSERT_TRUE(*opened);
    }
    bool looks() const { return (*opened)->needs_check; }
};

TEST_F(Restarted, LooksAtThemAgain) {
    lose_piece();
    EXPECT_TRUE(check());
    const auto state = sync(PieceStore::Closing::yes).value();
    restart(state);
    EXPECT_THAT(have(), ElementsAre(0, 1, 3));
    ASSERT_TRUE(looks());
    EXPECT_TRUE(check());
    EXPECT_NE(store->unread(), nullptr) << "it cannot be read still";
    restart(sync().value());
    ASSERT_TRUE(looks());
    disk.fault = {};
    EXPECT_TRUE(check());
    EXPECT_THAT(events.checked, ElementsAre(2));
    expect_all();
    restart(sync(PieceStore::Closing::yes).value());
    EXPECT_FALSE(looks());
}

TEST_F(Restarted, GoesOnWithACheckThatWasUnderWay) {
    begin(torrent);
    get_all();
    const auto whole = sync(PieceStore::Closing::yes).value();
    disk.change_content("/data/T")[0] ^= 1;
    restart(whole);
    ASSERT_TRUE(looks());
    restart(sync().value());
    EXPECT_TRUE(looks()) << "it was not begun";
    store->check([this](const Result<void>&) { checked = true; });
    pool.run_job();
    reactor.run_posted();
    std::optional<StoredState> state;
    store->sync(PieceStore::Closing::no, [&](Result<StoredState> result) { state = result.value(); });
    while (!state && pool.waiting() > 0) {
        pool.run_job();
        reactor.run_posted();
    }
    ASSERT_TRUE(state);
    restart(*state);
    EXPECT_TRUE(looks());
    EXPECT_TRUE(check());
    EXPECT_THAT(have(), ElementsAre(1, 2, 3));
}

TEST_F(Restarted, KnowsTheBlocksThatCameOfThemMeanwhile) {
    lose_piece();
    EXPECT_TRUE(check());
    put_block(2, 0, torrent.piece(2).first(16 * KiB));
    const auto state = sync(PieceStore::Closing::yes).value();
    restart(state);
    EXPECT_FALSE(looks());
    EXPECT_EQ((*opened)->unfinished.at(PieceIndex(2)), (std::vector<bool>{true, false, false, false}));
}

}  // namespace
}  // namespace spate::piece_store
