#include "catalogue/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/rng.h"
#include "catalogue/draft_fixture.h"
#include "tests/fault_disk.h"

namespace spate::catalogue {
namespace {

using spate::testing::FaultDisk;

constexpr std::size_t removed_max = 5;

Limits small_limits() {
    Limits limits;
    limits.removed_names = removed_max;
    return limits;
}

std::vector<Entry> entries_of(const Catalogue& catalogue) {
    std::vector<Entry> all;
    for (const auto& [name, entry] : catalogue.entries()) all.push_back(*entry);
    return all;
}

// A random request; few names and ports, so that all rules meet.
void plan_anything(Draft& draft, Rng& rng) {
    const std::string name(1 + rng.below(2), static_cast<char>('a' + rng.below(6)));
    const auto port = static_cast<std::uint16_t>(1 + rng.below(6));
    const auto key = static_cast<std::uint8_t>(1 + rng.below(3));
    const auto content = static_cast<char>('a' + rng.below(3));
    switch (rng.below(12)) {
        case 0:
            draft.create({name, 100 + rng.below(100), "words", "00", false, "host.example", port},
                         rng.chance(1, 2) ? Address::loopback() : *Address::parse("2001:db8::7"),
                         static_cast<Verification>(rng.below(3)));
            break;
        case 1:
            draft.sweep(name);
            break;
        case 2:
            draft.bare_tracker();
            break;
        case 3:
        case 4:
        case 5: {
            auto publication = publication_of(name, content, key, 1 + rng.below(1000));
            if (rng.chance(1, 3)) publication.md5.clear();
            if (rng.chance(1, 3)) publication.hash.v2 = hash::sha256({});
            draft.publish(publication, Address::loopback());
            break;
        }
        case 6: {
            Removal removal{name, {}, 1 + rng.below(1000)};
            removal.publisher[0] = key;
            draft.remove(removal);
            break;
        }
        case 7:
            draft.judge(name, publication_of(name, content).metainfo_digest,
                        static_cast<Judgement>(rng.below(3)));
            break;
        default:
            draft.update({name, rng.below(50), 50 + rng.below(50), "host.example", port});
    }
}

TEST(CatalogueStore, LoadsWhatWasCommitted) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        Rng rng(seed);
        FaultDisk disk;
        auto folder = *disk.open_folder("/d", io::IfMissing::make);
        const auto limits = small_limits();
        Catalogue catalogue;
        WallTime now{100};
        for (int life = 0; life < 4; ++life) {
            auto store = CatalogueStore::open(*folder, removed_max);
            ASSERT_TRUE(store) << store.error().message();
            const auto loaded = store->load();
            ASSERT_TRUE(loaded) << loaded.error().message();
            ASSERT_EQ(entries_of(*loaded), entries_of(catalogue)) << seed;  // the order of peers too
            ASSERT_EQ(loaded->bare(), catalogue.bare());
            ASSERT_EQ(loaded->peer_count(), catalogue.peer_count());
            ASSERT_EQ(loaded->metainfo_bytes(), catalogue.metainfo_bytes());
            ASSERT_EQ(loaded->classic_count(), catalogue.classic_count());
            ASSERT_EQ(loaded->removed().all(), catalogue.removed().all());
            ASSERT_EQ(loaded->removed().floor(), catalogue.removed().floor());
            for (const auto& [name, entry] : catalogue.entries()) {
                const auto metainfo = store->metainfo(name);
                ASSERT_EQ(metainfo.has_value(), entry->published != nullptr) << seed << name;
                if (!metainfo) continue;
                ASSERT_EQ(hash::sha256(as_bytes(*metainfo)), entry->published->metainfo_digest);
            }
            for (int batch = 0; batch < 20; ++batch) {
                Draft draft(catalogue, limits, now);
                for (auto left = rng.below(20); left > 0; --left) plan_anything(draft, rng);
                const auto changes = draft.take();
                ASSERT_TRUE(store->commit(changes));
                catalogue.adopt(changes, limits.removed_names);
                now.unix_seconds += static_cast<std::int64_t>(rng.below(300));
            }
        }
    }
}

// A crash at any operation of the disk: what was committed is there, the batch under way is there whole or
// not at all.
TEST(CatalogueStore, SurvivesACrashAnywhere) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        Rng rng(seed);
        FaultDisk disk;
        auto folder = *disk.open_folder("/d", io::IfMissing::make);
        const auto limits = small_limits();
        Catalogue catalogue;
        for (int life = 0; life < 3; ++life) {
            const auto last = disk.operations + rng.below(150);
            disk.fault = [&](const std::string&, const std::string&) {
                return disk.operations > last ? EIO : 0;
            };
            Changes under_way;
            if (auto store = CatalogueStore::open(*folder, removed_max)) {
                for (int batch = 0; batch < 30; ++batch) {
                    Draft draft(catalogue, limits, WallTime{batch});
                    for (auto left = rng.below(10); left > 0; --left) plan_anything(draft, rng);
                    under_way = draft.take();
                    if (!store->commit(under_way)) break;
                    catalogue.adopt(under_way, limits.removed_names);
                }
            }
            disk.fault = {};
            disk.kill_process();
            auto store = CatalogueStore::open(*folder, removed_max);
            ASSERT_TRUE(store) << "seed " << seed << ": " << store.error().message();
            auto loaded = store->load();
            ASSERT_TRUE(loaded) << loaded.error().message();
            if (entries_of(*loaded) != entries_of(catalogue) || loaded->bare() != catalogue.bare() ||
                loaded->removed().all() != catalogue.removed().all() ||
                loaded->removed().floor() != catalogue.removed().floor()) {
                catalogue.adopt(under_way, limits.removed_names);
            }
            ASSERT_EQ(entries_of(*loaded), entries_of(catalogue)) << "seed " << seed;
            ASSERT_EQ(loaded->bare(), catalogue.bare());
            ASSERT_EQ(loaded->removed().all(), catalogue.removed().all());
            ASSERT_EQ(loaded->removed().floor(), catalogue.removed().floor());
        }
    }
}

TEST(CatalogueStore, NewEntriesSurviveAPowerCut) {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        Rng rng(seed);
        FaultDisk disk;
        auto folder = *disk.open_folder("/d", io::IfMissing::make);
        const auto limits = small_limits();
        Catalogue catalogue;
        const auto last = disk.operations + rng.below(200);
        disk.fault = [&](const std::string&, const std::string&) { return disk.operations > last ? EIO : 0; };
        if (auto store = CatalogueStore::open(*folder, removed_max)) {
            for (int i = 0; i < 30; ++i) {
                Draft draft(catalogue, limits, WallTime{i});
                if (i % 2 == 0) {
                    draft.create({"name" + std::to_string(i), 10, "", "0", false, "h", 1},
                                 Address::loopback(), Verification::verified);
                } else {
                    draft.publish(publication_of("name" + std::to_string(i), 'a'), Address::loopback());
                }
                const auto changes = draft.take();
                if (!store->commit(changes)) break;
                catalogue.adopt(changes, limits.removed_names);
            }
        }
        disk.fault = {};
        disk.lose_power(rng);
        auto store = CatalogueStore::open(*folder, removed_max);
        ASSERT_TRUE(store) << "seed " << seed << ": " << store.error().message();
        const auto loaded = store->load();
        ASSERT_TRUE(loaded);
        for (const auto& [name, entry] : catalogue.entries())
            ASSERT_NE(loaded->find(name), nullptr) << seed << name;
    }
}

// A state of version 1, from before entries could be published.
TEST(CatalogueStore, ReadsTheStateOfTheFirstVersion) {
    FaultDisk disk;
    auto folder = *disk.open_folder("/d", io::IfMissing::make);
    {
        auto options = CatalogueStore::database_options();
        options.migrations = options.migrations.first(1);
        auto database = storage::Database::open(*folder, CatalogueStore::file_name, options);
        ASSERT_TRUE(database) << database.error().message();
        ASSERT_TRUE(
            database->execute("INSERT INTO entry VALUES(7, 'old', 100, 'd', 'md5', 0, 1, x'7f000001', 5);"
                              "INSERT INTO peer VALUES(1, 7, 'h', 9, 0, 100, 6, 0)"));
    }
    auto store = CatalogueStore::open(*folder, removed_max);
    ASSERT_TRUE(store) << store.error().message();
    auto catalogue = store->load();
    ASSERT_TRUE(catalogue) << catalogue.error().message();
    ASSERT_NE(catalogue->find("old"), nullptr);
    EXPECT_EQ(catalogue->find("old")->peers.size(), 1U);
    const auto limits = small_limits();
    Draft draft(*catalogue, limits, WallTime{10});
    draft.publish(publication_of("new", 'a'), alice);
    EXPECT_TRUE(store->commit(draft.take()));
    EXPECT_TRUE(store->metainfo("new"));
}

TEST(CatalogueStore, RefusesRowsThatBreakTheRules) {
    for (const std::string_view sql :
         {"UPDATE entry SET name = '../evil' WHERE name = 'a'",
          "UPDATE entry SET size = -1",
          "UPDATE entry SET verification = 9",
          "UPDATE entry SET owner = x'00'",
          "UPDATE peer SET port = 0",
          "UPDATE peer SET range_end = 101",
          "UPDATE peer SET range_start = 90, range_end = 80",
          "UPDATE peer SET host = 'a b'",
          "UPDATE entry SET md5 = ''",
          "UPDATE entry SET md5 = 'a' || char(10) || '<2 forged 1 0>'",
          "UPDATE entry SET md5 = 'a b'",
          "UPDATE entry SET md5 = 'a>'",
          "UPDATE entry SET md5 = printf('%129c', 'a')",
          "UPDATE entry SET checksum_usable = 1",
          "UPDATE entry SET description = 'a' || char(10) || 'b'",
          "UPDATE entry SET created = -1",
          "UPDATE peer SET updated = -9223372036854775807 - 1",
          "UPDATE peer SET updated = 9223372036854775807",
          "UPDATE bare_tracker SET at = -1",
          "UPDATE published SET hash_v1 = NULL",
          "UPDATE published SET hash_v1 = x'00'",
          "UPDATE published SET publisher = x'00'",
          "UPDATE published SET sequence = -1",
          "UPDATE published SET metainfo_digest = x''",
          "UPDATE published SET metainfo_bytes = 5",
          "UPDATE published SET files = -1",
          "UPDATE published SET source = x'00'",
          "UPDATE published SET published = -1",
          "UPDATE metainfo SET bytes = x'00'",
          "DELETE FROM metainfo",
          "DELETE FROM published",
          "UPDATE removed SET publisher = x'00'",
          "UPDATE removed SET sequence = -1",
          "UPDATE bare_tracker SET at = 9223372036854775807",
          "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n LIMIT 10000) INSERT INTO "
          "peer(entry, host, "
          "port, range_start, range_end, updated, provisional) SELECT 1, 'h', i, 0, 1, 1, 0 FROM n",
          "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n LIMIT 5) INSERT INTO bare_tracker "
          "SELECT i, 1 FROM n"}) {
        FaultDisk disk;
        auto folder = *disk.open_folder("/d", io::IfMissing::make);
        {
            auto store = CatalogueStore::open(*folder, removed_max);
            const auto limits = small_limits();
            const Catalogue empty;
            Draft draft(empty, limits, WallTime{1});
            draft.create({"a", 100, "", "0", false, "h", 1}, Address::loopback(), Verification::unchecked);
            draft.bare_tracker();
            auto unseen = publication_of("p", 'a');
            unseen.md5.clear();
            draft.publish(unseen, alice);
            draft.publish(publication_of("gone", 'a'), alice);
            draft.remove({"gone", publication_of("gone", 'a').publisher, 2});
            ASSERT_TRUE(store->commit(draft.take()));
            ASSERT_TRUE(store->load());
        }
        {
            // Somebody's hand, through the same file format.
            auto database = storage::Database::open(*folder, CatalogueStore::file_name,
                                                    CatalogueStore::database_options());
            ASSERT_TRUE(database) << database.error().message();
            ASSERT_TRUE(database->execute(sql)) << sql;
        }
        auto store = CatalogueStore::open(*folder, removed_max);
        ASSERT_TRUE(store);
        const auto loaded = store->load();
        ASSERT_FALSE(loaded) << sql;
        EXPECT_THAT(loaded.error().message(), ::testing::ContainsRegex("row [0-9]+ of table"));
    }
}

}  // namespace
}  // namespace spate::catalogue
