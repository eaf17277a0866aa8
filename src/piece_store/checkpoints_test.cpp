// Checkpoints: what of several stores is claimed, and when.
#include <gmock/gmock.h>

#include "piece_store/test_resume.h"

namespace spate::piece_store {
namespace {

using metainfo::PieceIndex;
using ::testing::ElementsAre;

class CheckpointTest : public ResumeFixture {
  protected:
    void start(std::optional<StoredState> state = {}) {
        begin(torrent, {.state = std::move(state)});
        ASSERT_TRUE(open_database());
        ASSERT_TRUE(put(row("k")));
        checkpoints = std::make_unique<Checkpoints>(world, *database, log);
        checkpoints->add(*store, "k", [] { return Checkpoints::Totals{5, 6}; });
    }
    void TearDown() override {
        if (checkpoints) checkpoints->remove(*store);
        checkpoints.reset();
    }
    void pass(Duration length) {
        for (Duration passed{}; passed < length; passed += std::chrono::milliseconds(100)) {
            reactor.advance(std::chrono::milliseconds(100));
            pool.settle();
        }
    }
    std::optional<StoredState> saved() { return read_state(find("k")->state, torrent.layout()); }

    const TestTorrent torrent = make_torrent(metainfo::TorrentVersion::v1, {256 * 1024}, 64 * 1024);
};

TEST_F(CheckpointTest, PiecesAreClaimedAFewSecondsAfterTheyCame) {
    start();
    pass(std::chrono::seconds(1));
    ASSERT_TRUE(saved());
    EXPECT_TRUE(saved()->have.none());
    get_piece(1);
    pass(std::chrono::seconds(3));
    EXPECT_TRUE(saved()->have.has(PieceIndex(1)));
    EXPECT_EQ(find("k")->downloaded, 5u);
    get_piece(2);
    std::optional<Result<void>> flushed;
    checkpoints->flush_all([&](Result<void> result) { flushed = std::move(result); });
    settle();
    ASSERT_TRUE(flushed && *flushed);
    EXPECT_EQ(saved()->have.count(), 2u);
    EXPECT_EQ(saved()->stamps[0].state, FileStamp::State::settled);
}

TEST_F(CheckpointTest, WhatCouldNotBeSavedIsSavedLater) {
    start();
    pass(std::chrono::seconds(1));
    get_piece(1);
    disk.fault = [](const std::string& operation, const std::string& path) {
        return operation == "write" && path.starts_with("/state") ? ENOSPC : 0;
    };
    pass(std::chrono::seconds(3));
    disk.fault = {};
    pass(std::chrono::seconds(3));
    EXPECT_TRUE(saved()->have.has(PieceIndex(1)));
}

TEST_F(CheckpointTest, AVanishedFileIsWrittenAnewOnlyWhenNoStateClaimsIt) {
    start();
    get_piece(1);
    pass(std::chrono::seconds(3));
    const auto state = saved();
    checkpoints->remove(*store);
    forget_store();
    ASSERT_TRUE(disk.open_folder("/data", io::IfMissing::fail).value()->remove("T"));
    disk.fault = [](const std::string& operation, const std::string& path) {
        return operation == "write" && path.starts_with("/state") ? ENOSPC : 0;
    };
    begin(torrent, {.state = state});
    checkpoints->add(*store, "k", [] { return Checkpoints::Totals{}; });
    get_piece(0);
    pass(std::chrono::seconds(3));
    EXPECT_FALSE(disk.exists("/data/T"));
    disk.fault = {};
    pass(std::chrono::seconds(3));
    EXPECT_TRUE(disk.exists("/data/T"));
    EXPECT_THAT(have(), ElementsAre(0));
}

TEST_F(CheckpointTest, AFlushEndsThoughTheStateCannotBeSaved) {
    start();
    disk.fault = [](const std::string& operation, const std::string& path) {
        return operation == "write" && path.starts_with("/state") ? ENOSPC : 0;
    };
    std::optional<Result<void>> flushed;
    checkpoints->flush_all([&](Result<void> result) { flushed = std::move(result); });
    settle();
    ASSERT_TRUE(flushed);
    EXPECT_FALSE(*flushed);
}

class TwoStoresTest : public CheckpointTest {
  protected:
    void begin_both() {
        start();
        put_other();
    }
    void put_other() {
        ASSERT_TRUE(put(row("o")));
        other = std::make_unique<PieceStore>(world, *resources, other_events,
                                             StoreOptions{.metainfo = second.metainfo, .folder = "/other"});
        other->open([this](Result<Opened> result) { opened = std::move(result); });
        settle();
        checkpoints->add(*other, "o", [] { return Checkpoints::Totals{}; });
        pass(std::chrono::seconds(1));
    }
    void get_other(std::uint32_t piece) {
        const auto bytes = second.piece(piece);
        for (std::size_t at = 0; at < bytes.size(); at += metainfo::block_size)
            other->write(Source(1), PieceIndex(piece), static_cast<std::uint32_t>(at),
                         bytes.subspan(at, metainfo::block_size));
        other->verify(PieceIndex(piece));
        settle();
    }
    // While a piece of it is synced.
    void hang_other() {
        begin_both();
        pass(2 * Checkpoints::interval);
        get_other(0);
        reactor.advance(Checkpoints::interval);
        reactor.run_posted();
        ASSERT_EQ(pool.waiting(), 1U);
        pool.last_is_slow();
    }
    FileStamp::State stamp_of_other() {
        return read_state(find("o")->state, second.layout())->stamps[0].state;
    }
    void TearDown() override {
        if (other) checkpoints->remove(*other);
        other.reset();
        CheckpointTest::TearDown();
    }
    const TestTorrent second =
        make_torrent(metainfo::TorrentVersion::v1, {128 * 1024, 128 * 1024}, 64 * 1024, 7);
    NotedEvents other_events;
    std::unique_ptr<PieceStore> other;
};

TEST_F(TwoStoresTest, OneThatIsCompleteDoesNotCloseTheFilesOfTheOthers) {
    begin_both();
    get_all();
    get_other(0);
    std::optional<Result<void>> flushed;
    checkpoints->flush(*store, [&](Result<void> result) { flushed = std::move(result); });
    settle();
    ASSERT_TRUE(flushed && *flushed);
    EXPECT_EQ(saved()->stamps[0].state, FileStamp::State::settled);
    // Written to a moment later, and killed.
    EXPECT_EQ(stamp_of_other(), FileStamp::State::in_work);
}

TEST_F(TwoStoresTest, TheDiskOfOneDoesNotFailTheOther) {
    begin_both();
    get_other(0);
    get_all();
    disk.fault = [](const std::string& operation, const std::string& path) {
        return operation == "sync" && path.starts_with("/other") ? EIO : 0;
    };
    std::optional<Result<void>> flushed;
    checkpoints->flush(*store, [&](Result<void> result) { flushed = std::move(result); });
    settle();
    ASSERT_TRUE(flushed);
    EXPECT_TRUE(*flushed);
    EXPECT_TRUE(other_events.trouble);
}

TEST_F(TwoStoresTest, ADiskThatHangsHoldsUpOnlyItsOwn) {
    hang_other();
    get_piece(0);
    pass(Checkpoints::patience + 2 * Checkpoints::interval);
    EXPECT_TRUE(saved()->have.has(PieceIndex(0)));

    get_piece(1);
    std::optional<Result<void>> flushed, all_flushed;
    checkpoints->flush(*store, [&](Result<void> result) { flushed = std::move(result); });
    checkpoints->flush_all([&](Result<void> result) { all_flushed = std::move(result); });
    pass(Checkpoints::interval);
    ASSERT_TRUE(flushed && *flushed);
    EXPECT_TRUE(saved()->have.has(PieceIndex(1)));
    EXPECT_FALSE(all_flushed);
    EXPECT_TRUE(read_state(find("o")->state, second.layout())->have.none());

    pool.finish_slow();
    pass(Checkpoints::interval);
    ASSERT_TRUE(all_flushed && *all_flushed);
    EXPECT_TRUE(read_state(find("o")->state, second.layout())->have.has(PieceIndex(0)));
    EXPECT_EQ(stamp_of_other(), FileStamp::State::settled);
}

TEST_F(TwoStoresTest, AFlushWaitsNotLongForWhatWasBegunBefore) {
    hang_other();
    get_piece(0);
    std::optional<Result<void>> flushed;
    checkpoints->flush(*store, [&](Result<void> result) { flushed = std::move(result); });
    pass(std::chrono::seconds(1));
    EXPECT_TRUE(flushed && *flushed);
    pool.finish_slow();
}

TEST_F(TwoStoresTest, OneThatGoesWhileItIsSyncedDoesNotStopTheOthers) {
    begin_both();
    get_other(0);
    get_piece(0);
    std::optional<Result<void>> flushed;
    checkpoints->flush_all([&](Result<void> result) { flushed = std::move(result); });
    checkpoints->remove(*other);
    other.reset();
    settle();
    ASSERT_TRUE(flushed && *flushed);
    get_piece(1);
    pass(std::chrono::seconds(3));
    EXPECT_EQ(saved()->have.count(), 2u);
}

}  // namespace
}  // namespace spate::piece_store
