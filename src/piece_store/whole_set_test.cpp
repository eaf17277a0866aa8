// What is done to the files of a torrent as a whole: selection, names, folders, removal.
#include <gmock/gmock.h>

#include "piece_store/piece_store.h"
#include "piece_store/test_world.h"

namespace spate::piece_store {
namespace {

using metainfo::FileIndex;
using metainfo::PieceIndex;
using metainfo::TorrentVersion;
using ::testing::ElementsAre;
constexpr std::uint32_t KiB = 1024;

TEST_F(StoreFixture, UnwantedFilesTouchNoDiskButThePartFile) {
    const auto torrent = make_torrent(TorrentVersion::v1, {100 * KiB, 100 * KiB, 100 * KiB}, 64 * KiB);
    const std::vector<bool> wanted{true, false, true};
    begin(torrent, {.wanted = wanted});
    for (const std::uint32_t piece : {0U, 1U, 3U, 4U}) get_piece(piece);
    EXPECT_THAT(disk.names(), ElementsAre("/data/.T.parts", "/data/T/a", "/data/T/c"));
    EXPECT_EQ(on_disk("T/a"), copy_of(torrent.file(0)));
    EXPECT_EQ(on_disk("T/c"), copy_of(torrent.file(2)));
    EXPECT_EQ(read(1, 0, 64 * KiB).value(), copy_of(torrent.piece(1)));
    const auto state = sync(PieceStore::Closing::yes).value();
    begin(torrent, {.wanted = wanted, .state = state});
    EXPECT_THAT(have(), ElementsAre(0, 1, 3, 4));

    // Wanted after all, now or at the next start.
    begin(torrent, {.state = state});
    EXPECT_THAT(have(), ElementsAre(0, 1, 3, 4));
    get_all();
    EXPECT_EQ(on_disk("T/b"), copy_of(torrent.file(1)));
}

TEST_F(StoreFixture, SelectionChangesWhileItRuns) {
    const auto torrent = make_torrent(TorrentVersion::v1, {100 * KiB, 100 * KiB, 0}, 64 * KiB);
    begin(torrent, {.wanted = {true, false, false}});
    get_piece(0);
    get_piece(1);
    put_block(2, 0, torrent.piece(2).first(16 * KiB));
    std::optional<Result<void>> done;
    store->select({}, [&](Result<void> result) { done = std::move(result); });
    settle();
    ASSERT_TRUE(done && *done);
    for (std::uint32_t at = 16 * KiB; at < 64 * KiB; at += 16 * KiB)
        put_block(2, at, torrent.piece(2).subspan(at, 16 * KiB));
    store->verify(PieceIndex(2));
    settle();
    get_all();
    EXPECT_EQ(on_disk("T/b"), copy_of(torrent.file(1)));
    EXPECT_TRUE(disk.exists("/data/T/c"));
    // Nothing is in the part file any more.
    const auto state = sync(PieceStore::Closing::yes);
    ASSERT_TRUE(state);
    EXPECT_FALSE(disk.exists("/data/.T.parts"));
    begin(torrent, {.state = *state});
    EXPECT_FALSE((*opened)->needs_check);
    EXPECT_TRUE(store->have().all());
}

TEST_F(StoreFixture, AKillDuringARenameLeavesAFileThatIsKnown) {
    const auto torrent = make_torrent(TorrentVersion::v1, {100 * KiB, 100 * KiB}, 64 * KiB);
    for (const bool before_it : {true, false}) {
        disk.put("/data/T/a", copy_of(torrent.file(0)));
        disk.put("/data/T/b", copy_of(torrent.file(1)));
        static_cast<void>(disk.open_folder("/data", io::IfMissing::make));
        begin(torrent, {.trust = Trust::sizes, .keeps_state = true});
        store->set_on_unsaved([] {});
        static_cast<void>(sync());
        store->saved();
        std::optional<Result<void>> done;
        store->rename_file(FileIndex(0), "T/other", [&](Result<void> result) { done = std::move(result); });
        settle();
        EXPECT_FALSE(done);  // no state says it yet
        EXPECT_TRUE(store->waits_for_state());
        const auto state = sync().value();
        if (!before_it) {
            store->saved();
            settle();
            ASSERT_TRUE(done && *done);
            EXPECT_FALSE(disk.exists("/data/T/a"));
        }
        begin(torrent, {.state = read_state(write_state(state), torrent.layout()), .keeps_state = true});
        EXPECT_FALSE((*opened)->needs_check);
        EXPECT_TRUE(store->have().all());
        EXPECT_EQ(store->path_of(FileIndex(0)), before_it ? "T/a" : "T/other");
        EXPECT_TRUE(read(0, 0, 64 * KiB));
    }
}

TEST_F(StoreFixture, FilesAreRenamedAndTheStateKnows) {
    const auto torrent = make_torrent(TorrentVersion::v1, {100 * KiB, 100 * KiB}, 64 * KiB);
    begin(torrent);
    get_piece(0);
    const auto rename = [&](std::uint32_t file, const std::string& path) {
        std::optional<Result<void>> done;
        store->rename_file(FileIndex(file), path, [&](Result<void> result) { done = std::move(result); });
        settle();
        return done && *done;
    };
    EXPECT_TRUE(rename(0, "T/other"));
    EXPECT_FALSE(rename(0, "T/b"));  // of the torrent, though it is not there yet
    disk.put("/data/T/foreign", {1, 2, 3});
    EXPECT_FALSE(rename(0, "T/foreign"));
    get_all();
    EXPECT_EQ(store->path_of(FileIndex(0)), "T/other");
    EXPECT_EQ(on_disk("T/other"), copy_of(torrent.file(0)));
    const auto state = sync(PieceStore::Closing::yes).value();
    begin(torrent, {.state = state});
    EXPECT_TRUE(store->have().all());
}

TEST_F(StoreFixture, RemovalTakesTheTorrentsFilesOnly) {
    const auto torrent = make_torrent(TorrentVersion::v1, {100 * KiB, 100 * KiB}, 64 * KiB);
    begin(torrent, {.wanted = {true, false}});
    get_piece(0);
    get_piece(1);
    disk.put("/data/T/foreign", {1, 2, 3});
    std::optional<Result<void>> done;
    store->remove_files([&](Result<void> result) { done = std::move(result); });
    settle();
    ASSERT_TRUE(done && *done);
    EXPECT_THAT(disk.names(), ElementsAre("/data/T/foreign"));
    EXPECT_TRUE(store->have().none());
}

class RemovalTest : public StoreFixture {
  protected:
    void remove_files() {
        store->remove_files([this](Result<void> result) { removed = std::move(result); });
    }
    std::optional<Result<void>> removed;
    const TestTorrent torrent = make_torrent(TorrentVersion::v1, {128 * KiB, 64 * KiB}, 64 * KiB);
};

TEST_F(RemovalTest, WhatWasWrittenBeforeIsNotThereAfterIt) {
    begin(torrent);
    get_piece(0);
    submit_piece(1);
    auto written = pool.run_one();  // and is not over yet
    remove_files();
    settle();
    ASSERT_TRUE(removed && *removed);
    EXPECT_THAT(events.lost, ElementsAre(0));
    written();
    settle();
    EXPECT_EQ(events.verdicts.at(1).outcome, PieceVerdict::Outcome::error);
    EXPECT_TRUE(store->have().none());
    EXPECT_TRUE(disk.names().empty());
    get_all();
    EXPECT_EQ(on_disk("T/a"), copy_of(torrent.file(0)));
    EXPECT_TRUE(sync());
}

TEST_F(RemovalTest, BlocksThatWereInTheFilesAreFetchedAnew) {
    begin(torrent);
    put_block(0, 0, torrent.piece(0).first(16 * KiB));
    ASSERT_TRUE(sync(PieceStore::Closing::yes));
    remove_files();
    settle();
    ASSERT_TRUE(removed && *removed);
    get_piece(1);
    get_piece(0);
    EXPECT_TRUE(events.good(0));
    EXPECT_THAT(have(), ElementsAre(0, 1));
}

TEST_F(RemovalTest, AFileThatStaysKeepsItsPieces) {
    begin(torrent);
    get_all();
    ASSERT_TRUE(sync(PieceStore::Closing::yes));
    disk.fault = [](const std::string& operation, const std::string& path) {
        return operation == "remove" && path.ends_with("/b") ? EACCES : 0;
    };
    remove_files();
    settle();
    disk.fault = {};
    ASSERT_TRUE(removed && !*removed);
    EXPECT_THAT(events.lost, ElementsAre(0, 1));
    EXPECT_EQ(read(2, 0, 64 * KiB).value(), copy_of(torrent.piece(2)));
}

class MoveTest : public StoreFixture {
  protected:
    Result<void> move(const std::string& to) {
        std::optional<Result<void>> done;
        store->move_to(
            to,
            [this](PieceStore::Done said) {
                if (said_) return said({});
                said(fail(Error::system(EIO, "write", "/state")));
            },
            [&](Result<void> result) { done = std::move(result); });
        settle();
        return std::move(done).value();
    }
    bool said_ = true;
    const TestTorrent torrent = make_torrent(TorrentVersion::v1, {100 * KiB, 100 * KiB}, 64 * KiB);
};

TEST_F(MoveTest, AllFilesGoAndItGoesOn) {
    begin(torrent);
    get_piece(0);
    get_piece(3);
    ASSERT_TRUE(move("/other"));
    EXPECT_THAT(disk.names(), ElementsAre("/other/T/a", "/other/T/b"));
    EXPECT_EQ(store->folder(), "/other");
    EXPECT_EQ(read(0, 0, 64 * KiB).value(), copy_of(torrent.piece(0)));
    get_all();
    EXPECT_EQ(disk.content("/other/T/b"), copy_of(torrent.file(1)));
    EXPECT_TRUE(sync(PieceStore::Closing::yes));
}

TEST_F(MoveTest, AfterAnErrorHalfWayAllIsWhereItWas) {
    begin(torrent);
    get_all();
    ASSERT_TRUE(sync(PieceStore::Closing::yes));
    for (const std::string failing : {"write", "sync", "sync folder", "open"}) {
        disk.fault = [&](const std::string& operation, const std::string& path) {
            const bool there = operation == "sync folder" || path == "/other/T/b";
            return operation == failing && there && path.starts_with("/other") ? ENOSPC : 0;
        };
        EXPECT_FALSE(move("/other")) << failing;
        disk.fault = {};
        EXPECT_THAT(disk.names(), ElementsAre("/data/T/a", "/data/T/b")) << failing;
        EXPECT_EQ(read(0, 0, 64 * KiB).value(), copy_of(torrent.piece(0)));
        EXPECT_TRUE(store->have().all());
    }
    EXPECT_TRUE(move("/other"));
    EXPECT_EQ(read(3, 0, 8 * KiB).value(), copy_of(torrent.piece(3).first(8 * KiB)));
}

TEST_F(MoveTest, WhatNobodyWillKnowOfIsBroughtBack) {
    begin(torrent);
    get_piece(0);
    ASSERT_TRUE(sync());
    get_piece(3);
    said_ = false;
    EXPECT_FALSE(move("/other"));
    EXPECT_THAT(disk.names(), ElementsAre("/data/T/a", "/data/T/b"));
    EXPECT_EQ(store->folder(), "/data");
    // What was not synced before is not believed to be in the originals.
    EXPECT_THAT(have(), ElementsAre(0));
    get_all();
    EXPECT_EQ(disk.content("/data/T/b"), copy_of(torrent.file(1)));
    said_ = true;
    EXPECT_TRUE(move("/other"));
}

TEST_F(MoveTest, ItIsSaidFirstAndNothingIsSyncedInBetween) {
    begin(torrent, {.keeps_state = true});
    store->set_on_unsaved([] {});
    ASSERT_TRUE(store->take_baseline());
    store->saved();
    get_all();
    ASSERT_TRUE(sync());
    store->saved();
    std::optional<Result<void>> moved;
    PieceStore::Done said;
    store->move_to(
        "/other", [&](auto done) { said = std::move(done); },
        [&](Result<void> result) { moved = std::move(result); });
    settle();
    EXPECT_FALSE(said);
    EXPECT_TRUE(disk.exists("/data/T/a"));
    const auto state = read_state(write_state(sync().value()), torrent.layout()).value();
    EXPECT_EQ(state.moving, "/other");
    store->saved();
    settle();
    ASSERT_TRUE(said);
    EXPECT_TRUE(disk.exists("/other/T/a"));
    EXPECT_TRUE(disk.exists("/data/T/a"));  // copied: it stays until the other is known
    EXPECT_FALSE(store->unsynced());
    std::optional<Result<void>> second;
    store->move_to("/third", {}, [&](Result<void> result) { second = std::move(result); });
    settle();
    ASSERT_TRUE(second);
    EXPECT_TRUE(second->error().is(std::errc::device_or_resource_busy));
    // As after a kill now: the old folder's name is known.
    begin(torrent, {.state = state, .keeps_state = true});
    EXPECT_FALSE((*opened)->needs_check);
    EXPECT_TRUE(store->have().all());
    EXPECT_EQ(read(0, 0, 64 * KiB).value(), copy_of(torrent.piece(0)));
}

TEST_F(MoveTest, WhatIsThereAlreadyStays) {
    begin(torrent);
    get_all();
    disk.put("/other/T/b", {1});
    static_cast<void>(disk.open_folder("/other", io::IfMissing::make));
    EXPECT_TRUE(move("/other").error().is(std::errc::file_exists));
    EXPECT_EQ(disk.content("/other/T/b").size(), 1u);
    EXPECT_THAT(disk.names(), ElementsAre("/data/T/a", "/data/T/b", "/other/T/b"));
}

TEST_F(MoveTest, WhatIsThereStaysWhereOursWasNotBegun) {
    begin(torrent);
    get_piece(0);
    disk.put("/other/T/b", {1});
    static_cast<void>(disk.open_folder("/other", io::IfMissing::make));
    EXPECT_TRUE(move("/other").error().is(std::errc::file_exists));
    get_all();
    EXPECT_EQ(disk.content("/other/T/b").size(), 1u);
    EXPECT_EQ(disk.content("/data/T/b"), copy_of(torrent.file(1)));
}

TEST_F(MoveTest, WhatWasMadeInBetweenIsBroughtBackToo) {
    begin(torrent, {.wanted = {true, false}});
    get_all();
    ASSERT_TRUE(sync(PieceStore::Closing::yes));
    EXPECT_THAT(disk.names(), ElementsAre("/data/.T.parts", "/data/T/a"));
    store->move_to(
        "/other",
        [this](PieceStore::Done said) {
            store->select({true, true}, [](const Result<void>& selected) { EXPECT_TRUE(selected); });
            said(fail(Error::system(EIO, "write", "/state")));
        },
        [](const Result<void>& moved) { EXPECT_FALSE(moved); });
    settle();
    EXPECT_THAT(disk.names(), ElementsAre("/data/.T.parts", "/data/T/a", "/data/T/b"));
    EXPECT_TRUE(store->have().all());
    EXPECT_EQ(disk.content("/data/T/b"), copy_of(torrent.file(1)));
}

TEST_F(MoveTest, ANameIsRefusedThatCouldNotBeMade) {
    begin(torrent);
    const auto rename = [&](const std::string& path) {
        std::optional<Result<void>> done;
        store->rename_file(FileIndex(0), path, [&](Result<void> result) { done = std::move(result); });
        settle();
        return bool(*done);
    };
    for (const char* const path : {"T/b/x", "T", "../x", "/x", ""}) EXPECT_FALSE(rename(path)) << path;
    EXPECT_TRUE(rename("elsewhere/x"));
}

}  // namespace
}  // namespace spate::piece_store
