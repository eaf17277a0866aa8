// A disk that is full, broken or changed by others while a torrent is written to it.
#include <gmock/gmock.h>

#include "piece_store/piece_store.h"
#include "piece_store/test_world.h"

namespace spate::piece_store {
namespace {

using metainfo::PieceIndex;
using metainfo::TorrentVersion;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
constexpr std::uint32_t KiB = 1024;

class FullDisk : public StoreFixture {
  protected:
    FullDisk() { fill(); }
    void fill() {
        disk.fault = [](const std::string& operation, const std::string& path) {
            return operation == "write" && path.starts_with("/data") ? ENOSPC : 0;
        };
    }
    bool retry() {
        const bool waits = store->retry();
        settle();
        return waits;
    }
};

TEST_F(FullDisk, APieceWaitsInMemoryUntilThereIsRoom) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB}, 64 * KiB);
    begin(torrent);
    get_piece(0);
    ASSERT_TRUE(events.trouble);
    EXPECT_TRUE(events.trouble->is(std::errc::no_space_on_device));
    EXPECT_THAT(events.trouble->message(), HasSubstr("/data/T"));
    EXPECT_THAT(events.verdicts, IsEmpty());
    get_piece(1);  // comes late, and waits too
    EXPECT_TRUE(retry());
    EXPECT_GT(events.troubles, 1u);
    EXPECT_THAT(have(), IsEmpty());
    disk.fault = {};
    EXPECT_TRUE(retry());
    EXPECT_FALSE(events.trouble);
    EXPECT_THAT(have(), ElementsAre(0, 1));
    EXPECT_FALSE(retry());
    get_all();
    EXPECT_EQ(on_disk("T"), torrent.space);
}

TEST_F(FullDisk, BlocksThatWereToGoToDiskEarlyStay) {
    const auto torrent = make_torrent(TorrentVersion::v1, {512 * KiB}, 512 * KiB);
    begin(torrent);
    put_block(0, 0, torrent.piece(0).first(16 * KiB));
    put_block(0, 256 * KiB, torrent.piece(0).subspan(256 * KiB, 8 * KiB));  // half of one
    EXPECT_TRUE(sync(PieceStore::Closing::yes));
    ASSERT_TRUE(events.trouble);
    put_block(0, 16 * KiB, torrent.piece(0).subspan(16 * KiB, 16 * KiB));
    disk.fault = {};
    EXPECT_TRUE(retry());
    EXPECT_FALSE(events.trouble);
    put_block(0, 264 * KiB, torrent.piece(0).subspan(264 * KiB, 8 * KiB));
    for (std::uint32_t at = 32 * KiB; at < 512 * KiB; at += 16 * KiB)
        if (at != 256 * KiB) put_block(0, at, torrent.piece(0).subspan(at, 16 * KiB));
    store->verify(PieceIndex(0));
    settle();
    EXPECT_TRUE(events.good(0));
    EXPECT_EQ(on_disk("T"), torrent.space);
}

TEST_F(FullDisk, MemoryStaysWithinItsCapAndWhatIsGivenUpIsTold) {
    resources = std::make_unique<Resources>(world, ResourceLimits{.write_bytes = 2 << 20});
    const auto torrent = make_torrent(TorrentVersion::v1, {8 << 20}, 256 * KiB);
    begin(torrent);
    get_piece(0);
    ASSERT_TRUE(events.trouble);
    for (std::uint32_t piece = 1; piece < torrent.pieces(); ++piece) {
        if (events.verdicts.contains(piece)) continue;
        put_piece(piece, torrent.piece(piece));
        if (!events.verdicts.contains(piece)) store->verify(PieceIndex(piece));
        reactor.run_posted();
        EXPECT_LE(resources->budget().used(), 2u << 20);
    }
    EXPECT_EQ(events.verdicts.at(0).outcome, PieceVerdict::Outcome::error);  // the oldest
    disk.fault = {};
    retry();
    get_all();
    EXPECT_TRUE(store->have().all());
    EXPECT_FALSE(events.trouble);
    store.reset();
    resources.reset();
}

TEST_F(StoreFixture, AStateThatCannotBeSavedIsToldWhileSomethingWaitsForIt) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB, 256 * KiB}, 64 * KiB);
    begin_without_first_file(torrent);
    store->not_saved(Error::system(ENOSPC, "write", "/state/torrents.db"));
    ASSERT_TRUE(events.trouble);
    get_piece(0);
    ASSERT_TRUE(store->take_baseline());
    store->saved();
    settle();
    EXPECT_FALSE(events.trouble);
    EXPECT_TRUE(events.good(0));
}

TEST_F(StoreFixture, AStateFolderThatTakesNothingKeepsNoDownloadFromAGoodDisk) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB}, 64 * KiB);
    const auto full = Error::system(ENOSPC, "write", "/state/torrents.db");
    begin(torrent, {.keeps_state = true});
    get_piece(0);
    EXPECT_THAT(have(), IsEmpty());
    store->not_saved(full);
    settle();
    EXPECT_THAT(have(), ElementsAre(0));
    get_all();
    EXPECT_FALSE(events.trouble);
    EXPECT_EQ(on_disk("T"), torrent.space);
}

TEST_F(StoreFixture, AStateThatCouldNotBeSavedBeforeItOpensIsNotWaitedFor) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB}, 64 * KiB);
    begin_unopened(torrent, {.keeps_state = true});
    store->not_saved(Error::system(ENOSPC, "write", "/state/torrents.db"));
    open();
    get_piece(0);
    EXPECT_THAT(have(), ElementsAre(0));
}

TEST_F(StoreFixture, WhatASavedStateMayClaimWaitsForABetterOne) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB}, 64 * KiB);
    begin(torrent, {.keeps_state = true, .claimed = true});  // nobody believes it now, but one may be there
    store->not_saved(Error::system(ENOSPC, "write", "/state/torrents.db"));
    get_piece(0);
    EXPECT_THAT(have(), IsEmpty());
    EXPECT_TRUE(events.trouble);
    ASSERT_TRUE(store->take_baseline());
    store->saved();
    settle();
    EXPECT_THAT(have(), ElementsAre(0));
    EXPECT_FALSE(events.trouble);
}

TEST_F(StoreFixture, BlocksOfAFileWhoseSyncFailedAreNotReliedOn) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB}, 128 * KiB);
    begin(torrent);
    put_block(0, 0, torrent.piece(0).first(16 * KiB));
    ASSERT_TRUE(sync(PieceStore::Closing::yes));
    put_block(0, 16 * KiB, torrent.piece(0).subspan(16 * KiB, 16 * KiB));
    disk.fault = [](const std::string& operation, const std::string&) {
        return operation == "sync" ? EIO : 0;
    };
    EXPECT_FALSE(sync(PieceStore::Closing::yes));
    ASSERT_TRUE(events.trouble);
    EXPECT_EQ(events.verdicts.at(0).outcome, PieceVerdict::Outcome::error);
    disk.fault = {};
    EXPECT_FALSE(store->retry());
    get_piece(0);
    EXPECT_TRUE(sync());
    EXPECT_FALSE(events.trouble);
}

TEST_F(StoreFixture, AReadOnlyStoreFindsAgainWhatWasMended) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB}, 64 * KiB);
    disk.put("/data/T", torrent.space);
    static_cast<void>(disk.open_folder("/data", io::IfMissing::make));
    begin(torrent, {.trust = Trust::sizes, .read_only = true});
    ASSERT_TRUE(store->have().all());
    disk.change_content("/data/T")[0] ^= 1;
    EXPECT_FALSE(read(2, 0, 16 * KiB));
    EXPECT_THAT(events.lost, ElementsAre(0, 1, 2, 3));
    ASSERT_TRUE(check());
    EXPECT_THAT(have(), ElementsAre(1, 2, 3));
    EXPECT_THAT(events.checked, ElementsAre(1, 2, 3));
    EXPECT_EQ(read(1, 0, 64 * KiB).value(), copy_of(torrent.piece(1)));
}

TEST_F(StoreFixture, AReadOnlyStoreLooksAgainAfterARestart) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB}, 64 * KiB);
    disk.put("/data/T", torrent.space);
    static_cast<void>(disk.open_folder("/data", io::IfMissing::make));
    begin(torrent, {.trust = Trust::sizes, .read_only = true});
    disk.fault = [](const std::string& operation, const std::string&) {
        return operation == "read" ? EIO : 0;
    };
    EXPECT_FALSE(read(2, 0, 16 * KiB));
    EXPECT_THAT(events.lost, ElementsAre(2));
    disk.fault = {};
    const auto state = sync(PieceStore::Closing::yes).value();
    EXPECT_EQ(state.have.count(), 3U);
    begin(torrent, {.state = state, .read_only = true});
    EXPECT_THAT(have(), ElementsAre(0, 1, 3));
    ASSERT_TRUE((*opened)->needs_check);
    ASSERT_TRUE(check());
    EXPECT_TRUE(store->have().all());
}

TEST_F(StoreFixture, WhatIsNoFileIsNeitherWaitedForNorReplaced) {
    const auto torrent = make_torrent(TorrentVersion::v1, {100 * KiB, 100 * KiB}, 64 * KiB);
    static_cast<void>(disk.open_folder("/data", io::IfMissing::make));
    static_cast<void>(disk.open_folder("/data/T", io::IfMissing::make));
    static_cast<void>(disk.open_folder("/data/T/b", io::IfMissing::make));
    for (const bool overwrite : {false, true}) {
        begin(torrent, {.overwrite = overwrite});
        ASSERT_FALSE(*opened);
        EXPECT_TRUE(opened->error().is(std::errc::is_a_directory));
        EXPECT_THAT(opened->error().message(), HasSubstr("/data/T/b"));
    }
    begin(torrent, {.wanted = {true, false}});  // nothing is to be written there
    EXPECT_TRUE(*opened);
}

TEST_F(StoreFixture, AForeignFileIsNeverWrittenTo) {
    const auto torrent = make_torrent(TorrentVersion::v1, {100 * KiB, 100 * KiB}, 64 * KiB);
    const std::vector<std::uint8_t> diary(300 * KiB, 'x');
    disk.put("/data/T/a", diary);
    static_cast<void>(disk.open_folder("/data", io::IfMissing::make));
    begin(torrent);
    ASSERT_FALSE(*opened);  // longer than ours
    EXPECT_TRUE(opened->error().is(std::errc::file_exists));
    EXPECT_THAT(opened->error().message(), HasSubstr("/data/T/a"));
    EXPECT_EQ(on_disk("T/a"), diary);
    const std::vector<std::uint8_t> note(10, 'x');
    disk.put("/data/T/a", note);
    begin(torrent);
    ASSERT_TRUE(*opened);
    EXPECT_FALSE(check());
    EXPECT_EQ(on_disk("T/a"), note);
    EXPECT_FALSE(store->unsynced());  // no state may make it ours
    EXPECT_FALSE(store->take_baseline());
    const std::vector<std::uint8_t> other(100 * KiB, 'x');
    disk.put("/data/T/a", other);
    begin(torrent);
    ASSERT_TRUE(*opened);
    EXPECT_FALSE(check());
    EXPECT_EQ(on_disk("T/a"), other);
    begin(torrent, {.overwrite = true});
    ASSERT_TRUE(*opened);
    EXPECT_TRUE(check());
    get_all();
    EXPECT_EQ(on_disk("T/a"), copy_of(torrent.file(0)));
}

TEST_F(StoreFixture, AfterAFailedSyncWhatItWasForIsLost) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB, 256 * KiB}, 64 * KiB);
    begin(torrent);
    get_piece(0);
    ASSERT_TRUE(sync());
    get_piece(1);
    get_piece(5);
    disk.fault = [](const std::string& operation, const std::string& path) {
        return operation == "sync" && path.ends_with("/a") ? EIO : 0;
    };
    EXPECT_FALSE(sync());
    EXPECT_THAT(events.lost, ElementsAre(1));
    EXPECT_THAT(have(), ElementsAre(0, 5));
    disk.fault = {};
    EXPECT_TRUE(store->unsynced());
    const auto state = sync();
    ASSERT_TRUE(state);
    EXPECT_EQ(state->have.count(), 2u);
}

TEST_F(StoreFixture, ASyncThatIsAskedForDuringAnotherFollowsIt) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB}, 64 * KiB);
    begin(torrent);
    get_piece(0);
    std::vector<std::uint32_t> claimed;
    const auto note = [&](const Result<StoredState>& state) {
        claimed.push_back(state.value().have.count());
    };
    store->sync(PieceStore::Closing::no, note);
    EXPECT_TRUE(store->unsynced());
    store->sync(PieceStore::Closing::no, note);
    settle();
    EXPECT_THAT(claimed, ElementsAre(1, 1));
}

}  // namespace
}  // namespace spate::piece_store
