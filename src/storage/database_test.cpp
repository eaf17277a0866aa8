#include "storage/database.h"

#include <array>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>

#include "tests/fault_disk.h"

namespace spate::storage {
namespace {

using spate::testing::FaultDisk;
using ::testing::HasSubstr;

constexpr std::array<std::string_view, 1> first_version = {
    "CREATE TABLE number(id INTEGER PRIMARY KEY, value INTEGER NOT NULL, note TEXT, data BLOB) STRICT"};
constexpr std::array<std::string_view, 2> second_version = {
    first_version[0], "ALTER TABLE number ADD COLUMN more INTEGER NOT NULL DEFAULT 7"};
constexpr DatabaseOptions options{0x53704154, first_version};

struct DatabaseTest : ::testing::Test {
    FaultDisk disk;
    std::unique_ptr<io::Folder> folder = *disk.open_folder("/d", io::IfMissing::make);

    Result<Database> open(const DatabaseOptions& with = options) {
        return Database::open(*folder, "test.db", with);
    }

    Result<void> add(Database& database, std::int64_t id, Durability durability = Durability::process) {
        return database.transact(durability, [&]() -> Result<void> {
            auto insert = database.prepare("INSERT INTO number(id, value, note) VALUES(?, ?, ?)");
            if (!insert) return fail(insert.error());
            return insert->bind(1, id).bind(2, id * id).bind(3, std::string(200, 'n')).run();
        });
    }

    void fill(int rows) {
        auto database = open();
        ASSERT_TRUE(database) << database.error().message();
        for (int i = 1; i <= rows; ++i) ASSERT_TRUE(add(*database, i));
    }

    // The process ends as kill -9 ends it: nothing that closing would do reaches the disk.
    void kill(Result<Database>& database) {
        disk.fault = [](const std::string&, const std::string&) { return EIO; };
        database = fail(Error::invalid("", "", "killed"));
        disk.fault = {};
        disk.kill_process();
    }

    // How many rows there are, each as add() made it, with the ids 1 to n; nothing where one is not.
    std::optional<std::int64_t> count(Database& database) {
        auto rows = database.prepare("SELECT id, value, note FROM number ORDER BY id");
        if (!rows) return std::nullopt;
        for (std::int64_t n = 0;; ++n) {
            const auto there = rows->step();
            if (!there) return std::nullopt;
            if (!*there) return n;
            if (rows->integer(0) != n + 1 || rows->integer(1) != (n + 1) * (n + 1) ||
                rows->text(2) != std::string(200, 'n')) {
                return std::nullopt;
            }
        }
    }
};

TEST_F(DatabaseTest, KeepsWhatWasBound) {
    auto database = open();
    ASSERT_TRUE(database) << database.error().message();
    const std::string text("'; DROP TABLE number; --\0 and more", 34);
    const std::array<std::uint8_t, 3> blob = {0, 1, 255};
    {
        auto insert = database->prepare("INSERT INTO number VALUES(?, ?, ?, ?)");
        ASSERT_TRUE(
            insert->bind(1, 1).bind(2, INT64_MIN).bind(3, std::string_view(text)).bind(4, Bytes(blob)).run());
        ASSERT_TRUE(insert->bind(1, 2).bind(2, INT64_MAX).bind(3, std::string_view()).bind_null(4).run());
        auto rows = database->prepare("SELECT value, note, data FROM number ORDER BY id");
        ASSERT_TRUE(*rows->step());
        EXPECT_EQ(rows->integer(0), INT64_MIN);
        EXPECT_EQ(rows->text(1), text);
        EXPECT_TRUE(std::ranges::equal(rows->blob(2), blob));
        ASSERT_TRUE(*rows->step());
        EXPECT_EQ(rows->integer(0), INT64_MAX);
        EXPECT_EQ(rows->text(1), "");
        EXPECT_TRUE(rows->blob(2).empty());
        EXPECT_FALSE(*rows->step());
    }
}

TEST_F(DatabaseTest, ErrorsNameStatementAndFile) {
    auto database = open();
    const auto wrong = database->prepare("SELECT nothing FROM nowhere");
    ASSERT_FALSE(wrong);
    EXPECT_THAT(wrong.error().message(), HasSubstr("/d/test.db"));
    EXPECT_THAT(wrong.error().message(), HasSubstr("SELECT nothing"));
    ASSERT_TRUE(add(*database, 1));
    EXPECT_FALSE(add(*database, 1));  // the key is taken
    auto insert = database->prepare("INSERT INTO number(id, value) VALUES(?, ?)");
    EXPECT_FALSE(insert->bind(1, 9).bind(2, 9).bind(3, 9).run());  // no third parameter
    EXPECT_TRUE(insert->bind(1, 2).bind(2, 4).run());
}

TEST_F(DatabaseTest, TransactionIsAllOrNothing) {
    auto database = open();
    const auto done = database->transact(Durability::process, [&]() -> Result<void> {
        if (auto one = database->execute("INSERT INTO number(id, value) VALUES(1, 1)"); !one) return one;
        return fail(Error::invalid("test", "", "on purpose"));
    });
    EXPECT_FALSE(done);
    EXPECT_EQ(count(*database), 0);
    EXPECT_TRUE(add(*database, 1));
    EXPECT_EQ(count(*database), 1);
}

TEST_F(DatabaseTest, OneOpenerAFile) {
    auto first = open();
    ASSERT_TRUE(first);
    const auto second = open();
    ASSERT_FALSE(second);
    EXPECT_TRUE(second.error().is(std::errc::device_or_resource_busy));
}

TEST_F(DatabaseTest, MigratesAndRefusesNewerVersions) {
    fill(1);
    {
        auto database = open({options.application_id, second_version});
        ASSERT_TRUE(database);
        auto row = database->prepare("SELECT more FROM number");
        ASSERT_TRUE(*row->step());
        EXPECT_EQ(row->integer(0), 7);
    }
    const auto older = open();
    ASSERT_FALSE(older);
    EXPECT_THAT(older.error().message(), HasSubstr("newer program"));
}

TEST_F(DatabaseTest, FailedMigrationChangesNothing) {
    fill(1);
    constexpr std::array<std::string_view, 2> broken = {
        first_version[0], "ALTER TABLE number ADD COLUMN more INTEGER; CREATE TABLE number(id INTEGER)"};
    EXPECT_FALSE(open({options.application_id, broken}));
    auto database = open();
    ASSERT_TRUE(database) << database.error().message();
    EXPECT_EQ(count(*database), 1);
}

TEST_F(DatabaseTest, ForeignFilesAreRefusedAndLeftAlone) {
    {
        ASSERT_TRUE(open({77, first_version}));
    }
    const auto other_program = disk.content("/d/test.db");
    const std::string text = "these are somebody's notes, not a database";
    for (const auto& content : {other_program, std::vector<std::uint8_t>(text.begin(), text.end()),
                                std::vector<std::uint8_t>(5000, 0), std::vector<std::uint8_t>{'S'}}) {
        disk.put("/d/test.db", content);
        const auto database = open();
        ASSERT_FALSE(database);
        EXPECT_THAT(database.error().message(), HasSubstr("move it away"));
        EXPECT_EQ(disk.content("/d/test.db"), content);
    }
    disk.put("/d/test.db", {});  // an empty file is no data of anybody's
    EXPECT_TRUE(open());
}

TEST_F(DatabaseTest, EveryFlippedByteIsFound) {
    fill(30);
    const auto good = disk.content("/d/test.db");
    Rng rng(7);
    for (std::size_t at = 0; at < good.size(); at += 1 + rng.below(3)) {
        auto bad = good;
        bad[at] ^= static_cast<std::uint8_t>(1U << rng.below(8));
        disk.put("/d/test.db", bad);
        auto database = open();
        ASSERT_FALSE(database) << "not found: " << at;
        ASSERT_THAT(database.error().message(), HasSubstr("move it away")) << at;
    }
}

TEST_F(DatabaseTest, AReadThatFailsIsNoDamage) {
    fill(300);
    bool ended = false;
    for (int failing = 0; !ended; ++failing) {
        int reads = 0;
        disk.fault = [&](const std::string& operation, const std::string&) {
            return operation == "read" && reads++ == failing ? EIO : 0;
        };
        const auto database = open();
        ended = reads <= failing;
        EXPECT_TRUE(database || database.error().is(std::errc::io_error)) << database.error().message();
        disk.fault = {};
        ASSERT_LT(failing, 1000);
    }
    EXPECT_TRUE(open());
}

TEST_F(DatabaseTest, CutOffFilesAreFound) {
    fill(30);
    const auto good = disk.content("/d/test.db");
    for (std::size_t size = 1; size < good.size(); size += 512) {
        disk.put("/d/test.db", {good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)});
        EXPECT_FALSE(open()) << size;
    }
}

TEST_F(DatabaseTest, FullDiskIsAnErrorAndNotTheEnd) {
    auto database = open();
    ASSERT_TRUE(add(*database, 1));
    disk.fault = [](const std::string& operation, const std::string&) {
        return operation == "write" ? ENOSPC : 0;
    };
    const auto full = add(*database, 2);
    ASSERT_FALSE(full);
    EXPECT_TRUE(full.error().is(std::errc::no_space_on_device)) << full.error().message();
    disk.fault = {};
    EXPECT_TRUE(add(*database, 2));
    EXPECT_EQ(count(*database), 2);
}

TEST_F(DatabaseTest, SizeIsCapped) {
    auto database = open({options.application_id, first_version, 64 << 10});
    ASSERT_TRUE(database) << database.error().message();
    int stored = 0;
    while (stored < 1000 && add(*database, stored + 1)) ++stored;
    EXPECT_GT(stored, 100);
    EXPECT_LT(stored, 400);
    EXPECT_EQ(count(*database), stored);
}

// The log's name came from a process that synced nothing; the next one's commits count on it.
TEST_F(DatabaseTest, NameOfALogLeftBehindIsSynced) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        Rng rng(seed);
        ASSERT_TRUE(open({options.application_id, first_version}));
        auto database = open();
        ASSERT_TRUE(add(*database, 1, Durability::process));
        kill(database);
        ASSERT_TRUE(disk.exists("/d/test.db-wal"));
        database = open();
        ASSERT_TRUE(database) << database.error().message();
        ASSERT_TRUE(add(*database, 2, Durability::power));
        kill(database);
        disk.lose_power(rng);
        database = open();
        ASSERT_TRUE(database) << database.error().message();
        ASSERT_EQ(count(*database), 2) << seed;
        database = fail(Error::invalid("", "", "closed"));
        ASSERT_TRUE(folder->remove("test.db"));
    }
}

// A sync that failed: what was written can be read, but is not on the disk. Whoever opens the database next
// must not build on it, however often that is cut off.
TEST_F(DatabaseTest, LogWhoseSyncFailedIsNoGround) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        Rng rng(seed);
        auto database = open();
        ASSERT_TRUE(add(*database, 1, Durability::power));
        disk.fault = [](const std::string& operation, const std::string&) {
            return operation == "sync" ? EIO : 0;
        };
        ASSERT_FALSE(add(*database, 2, Durability::power));
        database = fail(Error::invalid("", "", "closed"));
        disk.fault = {};
        std::int64_t promised = 1;
        const auto last = disk.operations + rng.below(60);
        disk.fault = [&](const std::string&, const std::string&) { return disk.operations > last ? EIO : 0; };
        if (database = open(); database) {
            promised = count(*database).value_or(promised);
            while (promised < 9 && add(*database, promised + 1, Durability::power)) ++promised;
        }
        kill(database);
        disk.lose_power(rng);
        database = open();
        ASSERT_TRUE(database) << seed << ": " << database.error().message();
        ASSERT_GE(count(*database), promised) << seed;
        database = fail(Error::invalid("", "", "closed"));
        ASSERT_TRUE(folder->remove("test.db"));
    }
}

// SQLite ignores what becomes of the checkpoint after a commit; later commits must not.
TEST_F(DatabaseTest, SyncThatFailedInACheckpointFailsTheNextSyncedCommit) {
    auto database = open();
    ASSERT_TRUE(add(*database, 1, Durability::power));
    bool failed = false;
    disk.fault = [&](const std::string& operation, const std::string&) {
        if (operation != "sync" || failed) return 0;
        failed = true;
        return EIO;
    };
    std::int64_t id = 1;
    while (!failed && id < 20'000) ASSERT_TRUE(add(*database, ++id, Durability::process));
    ASSERT_TRUE(failed);
    EXPECT_FALSE(add(*database, id + 1, Durability::power));
    kill(database);
    database = open();
    EXPECT_TRUE(add(*database, *count(*database) + 1, Durability::power));
}

// A crash at any operation, then a restart: everything that was answered as stored is there, nothing is half
// there.
TEST_F(DatabaseTest, SurvivesACrashAnywhere) {
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
        Rng rng(seed);
        const bool power = rng.chance(1, 2);
        const auto durability = power ? Durability::power : Durability::process;
        FaultDisk fresh;
        auto place = *fresh.open_folder("/d", io::IfMissing::make);
        std::int64_t stored = 0;
        for (int life = 0; life < 3; ++life) {
            const auto last = fresh.operations + rng.below(120);
            fresh.fault = [&](const std::string&, const std::string&) {
                return fresh.operations > last ? EIO : 0;
            };
            std::int64_t tried = stored;
            if (auto database = Database::open(*place, "test.db", options)) {
                while (tried < stored + 40 && add(*database, tried + 1, durability)) ++tried;
            }
            fresh.fault = {};
            if (power) {
                fresh.lose_power(rng);
            } else {
                fresh.kill_process();
            }
            auto again = Database::open(*place, "test.db", options);
            ASSERT_TRUE(again) << "seed " << seed << ": " << again.error().message();
            const auto now = count(*again);
            ASSERT_TRUE(now) << "seed " << seed;
            // The commit that failed may have reached the disk all the same.
            ASSERT_GE(*now, tried) << "seed " << seed;
            ASSERT_LE(*now, tried + 1) << "seed " << seed;
            stored = *now;
        }
    }
}

}  // namespace
}  // namespace spate::storage
