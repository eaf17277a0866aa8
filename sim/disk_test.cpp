// The disk: what survives what, and its faults.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/disk_bench.h"

namespace spate::sim {
namespace {

using io::OpenMode;

TEST(SimDisk, FilesOpenTwiceSeeEachOthersWrites) {
    DiskBench bench(1);
    const auto first = bench.file("f");
    const auto second = bench.file("f");
    ASSERT_TRUE(first->write_at(0, as_bytes("hello")));
    EXPECT_EQ(second->size().value(), 5u);
    ASSERT_TRUE(second->resize(2));
    std::array<std::uint8_t, 8> buffer;
    EXPECT_EQ(first->read_at(0, buffer).value(), 2u);
    EXPECT_EQ(first->read_at(2, buffer).value(), 0u);
}

TEST(SimDisk, ARemovedFileLivesWhileItIsOpenAndThenFreesItsRoom) {
    DiskBench bench(1);
    auto file = bench.file("f");
    ASSERT_TRUE(file->write_at(0, std::vector<std::uint8_t>(10 * page_size)));
    ASSERT_TRUE(bench.folder->remove("f"));
    ASSERT_TRUE(bench.folder->sync(""));
    EXPECT_EQ(file->size().value(), 10 * page_size);
    EXPECT_EQ(bench.host.disk().bytes_used(), 10 * page_size);
    file.reset();
    EXPECT_EQ(bench.host.disk().bytes_used(), 0u);
}

TEST(SimDisk, AKilledProcessLeavesWhatItWrote) {
    DiskBench bench(1);
    ASSERT_TRUE(bench.file("f")->write_at(0, as_bytes("unsynced")));
    bench.kill_and_restart();
    EXPECT_EQ(bench.content("f"), "unsynced");
}

TEST(SimDisk, SyncedContentUnderASyncedNameSurvivesAPowerCut) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        DiskBench bench(seed);
        const auto file = bench.file("f");
        ASSERT_TRUE(file->write_at(0, as_bytes("synced")));
        ASSERT_TRUE(file->sync());
        ASSERT_TRUE(bench.folder->sync(""));
        bench.power_cycle();
        EXPECT_EQ(bench.content("f"), "synced");
    }
}

// Many seeds: everything a power cut may leave is met, and nothing else.
TEST(SimDisk, UnsyncedContentIsLostKeptOrTornInAPowerCut) {
    const std::string old_text(3 * page_size, 'o');
    const std::string new_text(3 * page_size, 'n');
    std::set<std::string> kinds;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        DiskBench bench(seed);
        bench.host.disk().put("/data/f", as_bytes(old_text));
        ASSERT_TRUE(bench.file("f")->write_at(0, as_bytes(new_text)));
        bench.power_cycle();
        const auto left = bench.content("f");
        ASSERT_EQ(left.size(), old_text.size());
        for (std::size_t sector = 0; sector < left.size(); sector += sector_size) {
            const auto part = left.substr(sector, sector_size);
            ASSERT_TRUE(part == old_text.substr(0, sector_size) || part == new_text.substr(0, sector_size));
        }
        const bool whole_pages = left.substr(0, page_size).find_first_not_of(left[0]) == left.npos;
        kinds.insert(left == old_text   ? "lost"
                     : left == new_text ? "kept"
                     : whole_pages      ? "pages"
                                        : "sectors");
    }
    EXPECT_THAT(kinds, testing::UnorderedElementsAre("lost", "kept", "pages", "sectors"));
}

TEST(SimDisk, ARenameWithoutSyncMayLeaveAnEmptyFile) {
    std::set<std::string> left;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        DiskBench bench(seed);
        bench.host.disk().put("/data/state", as_bytes("old"));
        ASSERT_TRUE(bench.file("state.new")->write_at(0, as_bytes("new")));
        ASSERT_TRUE(bench.folder->rename("state.new", "state"));
        bench.power_cycle();
        left.insert(bench.content("state"));
    }
    EXPECT_THAT(left, testing::IsSupersetOf({"old", "new", ""}));
}

TEST(SimDisk, WriteSyncRenameSyncIsAtomic) {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        DiskBench bench(seed);
        bench.host.disk().put("/data/state", as_bytes("old"));
        const auto cut_at = 1 + seed % 6;
        if (cut_at <= 5) {  // or after the last of the five calls
            bench.host.disk().before_call(cut_at, [&] { bench.host.power_cut(); });
        }
        const bool done = [&] {
            auto fresh = bench.folder->open("state.new", OpenMode::create_empty);
            return fresh && (*fresh)->write_at(0, as_bytes("new")) && (*fresh)->sync() &&
                   bench.folder->rename("state.new", "state") && bench.folder->sync("");
        }();
        bench.power_cycle();
        EXPECT_THAT(bench.content("state"), testing::AnyOf("old", "new"));
        if (done) {
            EXPECT_EQ(bench.content("state"), "new");
        }
    }
}

TEST(SimDisk, NamesThatWereNotSyncedMayBeLost) {
    int lost = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        DiskBench bench(seed);
        const auto file = bench.file("f");
        ASSERT_TRUE(file->sync());
        bench.power_cycle();
        lost += bench.content("f") == "(none)" ? 1 : 0;
    }
    EXPECT_GT(lost, 10);
    EXPECT_LT(lost, 90);
}

TEST(SimDisk, FoldersMovedAroundSurviveAnySync) {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        DiskBench bench(seed);
        ASSERT_TRUE(bench.folder->make_folder("a"));
        ASSERT_TRUE(bench.folder->make_folder("b"));
        ASSERT_TRUE(bench.folder->make_folder("c"));
        ASSERT_TRUE(bench.folder->sync(""));
        ASSERT_TRUE(bench.folder->rename("b", "a/b"));
        ASSERT_TRUE(bench.folder->rename("a/b", "c/b"));
        ASSERT_TRUE(bench.folder->rename("a", "c/b/a"));
        if (seed % 2 == 0) {
            ASSERT_TRUE(bench.folder->sync("c/b"));
        }
        bench.power_cycle();
        if (seed % 2 == 0) {
            EXPECT_TRUE(bench.folder->info("c/b/a"));
        }
        EXPECT_TRUE(bench.folder->info("c"));
    }
}

TEST(SimDisk, AFullDiskTakesAPartOfAWrite) {
    DiskBench bench(1);
    bench.host.disk().faults().capacity = 3 * page_size;
    const auto file = bench.file("f");
    const auto written = file->write_at(0, std::vector<std::uint8_t>(5 * page_size, 'x'));
    ASSERT_FALSE(written);
    EXPECT_TRUE(written.error().is(std::errc::no_space_on_device));
    EXPECT_EQ(file->size().value(), 3 * page_size);
    EXPECT_FALSE(bench.folder->open("g", OpenMode::create));
    ASSERT_TRUE(file->resize(page_size));
    EXPECT_TRUE(bench.folder->open("g", OpenMode::create));
    EXPECT_TRUE(file->write_at(1, std::vector<std::uint8_t>(page_size, 'y')));
    EXPECT_GE(bench.marked("disk full"), 2u);
}

TEST(SimDisk, HugeSparseFilesCostNothing) {
    DiskBench bench(1);
    const auto file = bench.file("f");
    ASSERT_TRUE(file->resize(std::uint64_t{1} << 43));
    ASSERT_TRUE(file->write_at((std::uint64_t{1} << 43) - 1, as_bytes("x")));
    EXPECT_EQ(bench.host.disk().bytes_used(), page_size);
    EXPECT_TRUE(file->resize((std::uint64_t{1} << 44) + 1).error().is(std::errc::file_too_large));
}

TEST(SimDisk, CallsFailAtTheirRate) {
    DiskBench bench(1);
    const auto file = bench.file("f");
    auto& faults = bench.host.disk().faults();
    const auto io_error = [](const auto& result) {
        return !result && result.error().is(std::errc::io_error);
    };
    std::array<std::uint8_t, 1> buffer;
    faults.read_error = 1'000'000;
    EXPECT_TRUE(io_error(file->read_at(0, buffer)));
    faults.write_error = 1'000'000;
    EXPECT_TRUE(io_error(file->write_at(0, as_bytes("x"))));
    faults.change_error = 1'000'000;
    EXPECT_TRUE(io_error(file->resize(1)));
    EXPECT_TRUE(io_error(bench.folder->remove("f")));
    faults.sync_error = 1'000'000;
    EXPECT_TRUE(io_error(file->sync()));
    faults = {.read_only = true};
    EXPECT_TRUE(file->write_at(0, as_bytes("x")).error().is(std::errc::read_only_file_system));
    faults = {};
    EXPECT_TRUE(file->write_at(0, as_bytes("x")));
}

TEST(SimDisk, BitsRot) {
    DiskBench bench(1);
    bench.host.disk().put("/data/f", as_bytes("abc"));
    bench.host.disk().flip_bit("/data/f", 8);
    EXPECT_EQ(bench.content("f"), "acc");
}

TEST(SimDisk, LocksGoWithTheirHandleTheirProcessAndThePower) {
    DiskBench bench(1);
    auto other = std::move(
        bench.host.run("q", idle_program()).world().files.open_folder("/data", io::IfMissing::fail).value());
    auto held = bench.folder->lock("lock");
    ASSERT_TRUE(held);
    EXPECT_TRUE(other->lock("lock").error().is(std::errc::device_or_resource_busy));
    held->reset();
    EXPECT_TRUE(other->lock("lock"));
    const auto again = bench.folder->lock("lock");
    bench.kill_and_restart();
    EXPECT_TRUE(bench.folder->lock("lock"));
    const auto third = bench.folder->lock("lock");
    bench.power_cycle();
    EXPECT_TRUE(bench.folder->lock("lock"));
}

TEST(SimDisk, JobsTakeAsLongAsTheDisk) {
    DiskBench bench(1);
    bench.host.disk().latency() = {.read_max = {}, .write_max = {}, .sync_max = std::chrono::seconds(1)};
    const auto file = bench.file("f");
    const auto time_of = [&](int syncs) {
        const auto start = bench.testbed.simulation().now();
        bool done = false;
        bench.process.world().pool.submit(
            [&] {
                for (int i = 0; i < syncs; ++i) EXPECT_TRUE(file->sync());
            },
            [&] { done = true; });
        EXPECT_FALSE(done);
        EXPECT_TRUE(bench.testbed.simulation().run_until([&] { return done; }, std::chrono::hours(1)));
        return bench.testbed.simulation().now() - start;
    };
    EXPECT_LT(time_of(0), std::chrono::milliseconds(1));
    EXPECT_GT(time_of(100), std::chrono::seconds(20));
}

}  // namespace
}  // namespace spate::sim
