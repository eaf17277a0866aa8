// The resume database and the checkpoints that fill it.
#include <array>
#include <gmock/gmock.h>

#include "piece_store/checkpoints.h"
#include "piece_store/test_world.h"
#include "storage/database.h"

namespace spate::piece_store {
namespace {

using metainfo::PieceIndex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ResumeTest : public StoreFixture {
  protected:
    Result<void> open_database() {
        checkpoints.reset();
        database.reset();
        settle();
        database = std::make_unique<ResumeDatabase>(world);
        auto told =
            wait<ResumeDatabase::Opened>([&](auto done) { database->open("/state", std::move(done)); });
        if (!told) return fail(told.error());
        moved_aside = *told;
        return {};
    }
    template <class T, class Start>
    Result<T> wait(Start start) {
        std::optional<Result<T>> result;
        start([&](Result<T> given) { result = std::move(given); });
        settle();
        return std::move(result).value();
    }
    std::optional<ResumeRow> find(const std::string& key) {
        return wait<std::optional<ResumeRow>>([&](auto done) { database->find(key, std::move(done)); })
            .value();
    }
    std::int64_t count() {
        return wait<std::int64_t>([&](auto done) { database->count(std::move(done)); }).value();
    }
    Result<void> put(ResumeRow row) {
        return wait<void>([&](auto done) { database->put(std::move(row), std::move(done)); });
    }
    static ResumeRow row(std::string key) {
        ResumeRow row;
        row.key = std::move(key);
        row.metainfo = {1, 0, 2};
        row.magnet = "magnet:?";
        row.folder = "/data";
        row.options = "{}";
        row.downloaded = 7;
        row.uploaded = std::uint64_t{1} << 40;
        return row;
    }

    std::unique_ptr<ResumeDatabase> database;
    std::unique_ptr<Checkpoints> checkpoints;
    NoLog log;
    std::optional<Error> moved_aside;
};

TEST_F(ResumeTest, AFrontOfAnotherThreadSeesAndKeepsTheSameRows) {
    ASSERT_TRUE(open_database());
    ASSERT_TRUE(put(row("a")));
    auto front = std::make_unique<ResumeDatabase>(world, *database);
    ASSERT_TRUE(wait<void>([&](auto done) { front->put(row("b"), std::move(done)); }));
    const auto rows = wait<std::vector<std::optional<ResumeRow>>>(
        [&](auto done) { front->find_all_of({"a", "b"}, std::move(done)); });
    ASSERT_TRUE(rows);
    EXPECT_EQ(rows->at(0), row("a"));
    EXPECT_EQ(find("b"), row("b"));
    bool called = false;
    front->remove("a", [&](Result<void>) { called = true; });
    front.reset();
    settle();
    EXPECT_FALSE(called);
    EXPECT_EQ(find("a"), std::nullopt) << "what was asked is done all the same";
}

TEST_F(ResumeTest, RowsSurviveReplacedSavedAndRemovedOneByOne) {
    ASSERT_TRUE(open_database());
    EXPECT_EQ(find("a"), std::nullopt);
    ASSERT_TRUE(put(row("a")));
    ASSERT_TRUE(put(row("b")));
    auto changed = row("b");
    changed.folder = "/elsewhere";
    ASSERT_TRUE(put(changed));
    ASSERT_TRUE(wait<void>(
        [&](auto done) { database->save({{"a", {9, 9}, 8, 9}, {"nobody", {1}, 1, 1}}, std::move(done)); }));
    ASSERT_TRUE(open_database());
    EXPECT_EQ(find("b"), changed);
    EXPECT_EQ(find("a")->state, (std::vector<std::uint8_t>{9, 9}));
    EXPECT_EQ(find("a")->downloaded, 8u);
    EXPECT_EQ(find("a")->metainfo, row("a").metainfo);
    ASSERT_TRUE(wait<void>([&](auto done) { database->remove("a", std::move(done)); }));
    EXPECT_EQ(find("b"), changed);
    EXPECT_EQ(count(), 1);
}

TEST_F(ResumeTest, ADatabaseOfTheFirstVersionKeepsItsRows) {
    constexpr std::string_view first_version[] = {
        "CREATE TABLE torrent (key TEXT PRIMARY KEY, metainfo BLOB NOT NULL, magnet TEXT NOT NULL,"
        " folder TEXT NOT NULL, options TEXT NOT NULL) WITHOUT ROWID;"
        "CREATE TABLE progress (key TEXT PRIMARY KEY REFERENCES torrent(key) ON DELETE CASCADE,"
        " state BLOB NOT NULL, downloaded INTEGER NOT NULL, uploaded INTEGER NOT NULL) WITHOUT ROWID"};
    constexpr std::array two_versions{first_version[0], std::string_view()};  // known: nothing to bring over
    const auto state_folder = disk.open_folder("/state", io::IfMissing::make).value();
    {
        auto old = storage::Database::open(*state_folder, "torrents.db", {0x53707273, first_version});
        ASSERT_TRUE(old);
        ASSERT_TRUE(
            old->execute("INSERT INTO torrent VALUES ('a', x'010002', 'magnet:?', '/data', '{}'),"
                         " ('b', x'010002', 'magnet:?', '/data', '{}');"
                         "INSERT INTO progress VALUES ('a', x'0909', 7, 1 << 40), ('b', x'', 7, 1 << 40)"));
    }
    ASSERT_TRUE(open_database());
    EXPECT_FALSE(moved_aside);
    auto first = row("a");
    first.state = {9, 9};
    EXPECT_EQ(find("a"), first);
    EXPECT_EQ(find("b"), row("b"));
    ASSERT_TRUE(wait<void>([&](auto done) { database->remove("a", std::move(done)); }));
    ASSERT_TRUE(put(row("c")));
    ASSERT_TRUE(open_database());
    EXPECT_EQ(find("a"), std::nullopt);
    EXPECT_EQ(find("c"), row("c"));
    EXPECT_EQ(count(), 2);
    ASSERT_TRUE(put(row("a")));
    ASSERT_TRUE(wait<void>([&](auto done) { database->save({{"b", {7}, 8, 9}}, std::move(done)); }));
    ASSERT_TRUE(wait<void>([&](auto done) { database->set_folder("b", "/moved", std::move(done)); }));
    auto changed = row("b");
    changed.folder = "/moved";
    changed.state = {7};
    changed.downloaded = 8;
    changed.uploaded = 9;
    EXPECT_EQ(find("a"), row("a"));
    EXPECT_EQ(find("b"), changed);
    EXPECT_EQ(count(), 3) << "rows of progress";
    database.reset();
    settle();
    auto same = storage::Database::open(*state_folder, "torrents.db", {0x53707273, two_versions});
    ASSERT_TRUE(same);
    auto orphans = same->prepare("PRAGMA foreign_key_check");
    ASSERT_TRUE(orphans);
    EXPECT_FALSE(orphans->step().value());
}

TEST_F(ResumeTest, ALongRowIsFoundByFewReads) {
    constexpr std::size_t count = 1000;
    ASSERT_TRUE(open_database());
    std::vector<ResumeRow> rows;
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < count; ++i) {
        rows.push_back(row(std::to_string(i * 7919 % count)));
        rows.back().metainfo.assign(1700, static_cast<std::uint8_t>(i));
        keys.push_back(rows.back().key);
    }
    ASSERT_TRUE(wait<void>([&](auto done) { database->put_all(rows, std::move(done)); }));
    ASSERT_TRUE(open_database());
    std::size_t reads = 0;
    disk.fault = [&](const std::string& operation, const std::string&) {
        if (operation == "read") ++reads;
        return 0;
    };
    const auto found = wait<std::vector<std::optional<ResumeRow>>>(
        [&](auto done) { database->find_all_of(keys, std::move(done)); });
    ASSERT_TRUE(found);
    for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(found->at(i), rows[i]);
    EXPECT_GT(reads, count / 3) << "counted at all";
    EXPECT_LT(reads, count);
}

TEST_F(ResumeTest, ADamagedDatabaseIsMovedAside) {
    ASSERT_TRUE(open_database());
    ASSERT_TRUE(put(row("a")));
    database.reset();
    settle();
    auto& content = disk.content("/state/torrents.db");
    for (std::size_t i = 20; i < content.size(); i += 97) content[i] ^= 0x55;
    ASSERT_TRUE(open_database());
    EXPECT_EQ(find("a"), std::nullopt);
    EXPECT_TRUE(disk.exists("/state/torrents.db.damaged"));
    ASSERT_TRUE(moved_aside);
    EXPECT_THAT(moved_aside->message(),
                HasSubstr("/state/torrents.db: it is damaged; it is kept as torrents.db.damaged"));
    ASSERT_TRUE(open_database());
    EXPECT_FALSE(moved_aside);
    EXPECT_TRUE(put(row("a")));
}

TEST_F(ResumeTest, TheStateFolderHasOneOwner) {
    ASSERT_TRUE(open_database());
    ResumeDatabase second(world);
    const auto refused =
        wait<ResumeDatabase::Opened>([&](auto done) { second.open("/state", std::move(done)); });
    EXPECT_TRUE(refused.error().is(std::errc::device_or_resource_busy));
}

TEST_F(ResumeTest, AfterAFailedWriteTheNextOneWorks) {
    ASSERT_TRUE(open_database());
    disk.fault = [](const std::string& operation, const std::string&) {
        return operation == "write" ? EIO : 0;
    };
    EXPECT_FALSE(put(row("a")));
    disk.fault = {};
    EXPECT_TRUE(put(row("a")));
    EXPECT_TRUE(find("a"));
}

class CheckpointTest : public ResumeTest {
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

}  // namespace
}  // namespace spate::piece_store
