// The disk: syncs that fail, of one file or of all, and what only some disks know.
#include <gtest/gtest.h>
#include <set>

#include "sim/disk_bench.h"

namespace spate::sim {
namespace {

using io::IfMissing;
using io::OpenMode;

TEST(SimDiskSync, AFailedSyncIsNotMadeGoodByTheNext) {
    int lost = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        DiskBench bench(seed);
        bench.host.disk().put("/data/f", as_bytes("old"));
        const auto file = bench.file("f");
        ASSERT_TRUE(file->write_at(0, as_bytes("new")));
        bench.host.disk().faults().sync_error = 1'000'000;
        EXPECT_FALSE(file->sync());
        bench.host.disk().faults().sync_error = 0;
        EXPECT_TRUE(file->sync());
        bench.power_cycle();
        lost += bench.content("f") == "old" ? 1 : 0;
    }
    EXPECT_GT(lost, 50);
}

TEST(SimDiskSync, AFailedSyncIsLosingUntilItsProgramKnows) {
    for (const bool killed : {false, true}) {
        DiskBench bench(1);
        auto& disk = bench.host.disk();
        const auto file = bench.file("f");
        bool done = false;
        bench.process.world().pool.submit(
            [&] {
                disk.faults().sync_error = 1'000'000;
                EXPECT_FALSE(file->sync());
                disk.faults().sync_error = 0;
                for (int i = 0; i < 50; ++i) EXPECT_TRUE(file->sync());
            },
            [&] {
                EXPECT_TRUE(disk.is_losing());
                done = true;
            });
        auto& simulation = bench.testbed.simulation();
        ASSERT_TRUE(simulation.run_until([&] { return disk.is_losing(); }, std::chrono::seconds(1)));
        if (killed) bench.process.kill();
        simulation.run_until([&] { return !disk.is_losing(); }, std::chrono::minutes(1));
        EXPECT_NE(done, killed);
        EXPECT_FALSE(disk.is_losing());
    }
}

TEST(SimDiskSync, ASyncOfAllIsOfEveryFileAndName) {
    DiskBench bench(1);
    ASSERT_TRUE(bench.folder->make_folder("d"));
    for (const char* const name : {"f", "d/g"}) ASSERT_TRUE(bench.file(name)->write_at(0, as_bytes("new")));
    ASSERT_TRUE(bench.folder->sync_all());
    bench.power_cycle();
    EXPECT_EQ(bench.content("f"), "new");
    EXPECT_EQ(bench.content("d/g"), "new");
}

TEST(SimDiskSync, AFailedSyncOfAllIsToldByTheNextOfEachFileThatLostSomething) {
    int lost = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        DiskBench bench(seed);
        bench.host.disk().put("/data/f", as_bytes("old"));
        bench.host.disk().put("/data/g", as_bytes("old"));
        const auto file = bench.file("f");
        ASSERT_TRUE(file->write_at(0, as_bytes("new")));
        bench.host.disk().faults().sync_error = 1'000'000;
        EXPECT_FALSE(bench.folder->sync_all());
        bench.host.disk().faults().sync_error = 0;
        EXPECT_TRUE(bench.file("g")->sync());
        EXPECT_FALSE(file->sync());
        EXPECT_TRUE(file->sync());
        bench.power_cycle();
        lost += bench.content("f") == "old" ? 1 : 0;
    }
    EXPECT_GT(lost, 50);
}

TEST(SimDiskSync, EveryChangeOfAFileChangesItsMark) {
    DiskBench bench(1);
    std::set<std::uint64_t> marks;
    const auto look = [&](const char* name) {
        marks.insert(bench.folder->marked_info(name).value().mark.change);
        return marks.size();
    };
    const auto file = bench.file("f");
    EXPECT_EQ(look("f"), 1u);
    EXPECT_EQ(look("f"), 1u);
    ASSERT_TRUE(file->write_at(0, as_bytes("a")));
    EXPECT_EQ(look("f"), 2u);
    ASSERT_TRUE(file->write_at(0, as_bytes("b")));  // at the same moment
    EXPECT_EQ(look("f"), 3u);
    ASSERT_TRUE(bench.folder->rename("f", "g"));
    EXPECT_EQ(look("g"), 4u);
    bench.host.jump_wall_clock(-1000);
    ASSERT_TRUE(file->write_at(0, as_bytes("c")));
    EXPECT_EQ(look("g"), 5u);
    EXPECT_FALSE(marks.contains(0));
}

TEST(SimDiskSync, SomeKeepNoMarksAndCannotSyncAllAtOnce) {
    Testbed testbed(1);
    HostSettings settings = plain_host();
    settings.disk = {.marks = false, .sync_all = false};
    auto& process = testbed.add_host("plain", settings).run("p", idle_program());
    const auto folder = std::move(process.world().files.open_folder("/data", IfMissing::make).value());
    ASSERT_TRUE(folder->open("f", OpenMode::create));
    EXPECT_EQ(folder->marked_info("f").value().mark, io::FileMark{});
    EXPECT_TRUE(folder->sync_all().error().is(std::errc::operation_not_supported));
}

TEST(SimDiskSync, AFailedSyncOfAllIsToldToEachFolderThatWasHeld) {
    DiskBench bench(1);
    const auto other = std::move(bench.process.world().files.open_folder("/", IfMissing::fail).value());
    bench.host.disk().faults().sync_error = 1'000'000;
    EXPECT_FALSE(bench.folder->sync_all());
    bench.host.disk().faults().sync_error = 0;
    EXPECT_TRUE(bench.folder->sync_all());
    EXPECT_FALSE(other->sync_all());
    EXPECT_TRUE(other->sync_all());
    bench.open();
    EXPECT_TRUE(bench.folder->sync_all());
}

}  // namespace
}  // namespace spate::sim
