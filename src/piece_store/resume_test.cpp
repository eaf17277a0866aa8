// The resume database.
#include <array>
#include <gmock/gmock.h>

#include "piece_store/test_resume.h"
#include "storage/database.h"

namespace spate::piece_store {
namespace {

using ::testing::HasSubstr;

class ResumeTest : public ResumeFixture {};

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

}  // namespace
}  // namespace spate::piece_store
