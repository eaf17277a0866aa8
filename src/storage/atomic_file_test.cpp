#include "storage/atomic_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/state_folder.h"
#include "tests/fault_disk.h"

namespace spate::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string text_of(io::Folder& folder, std::string_view path) {
    const auto content = read_file(folder, path, 1000);
    return content ? std::string(as_text(*content)) : content.error().message();
}

TEST(AtomicFile, ReplacesAndReads) {
    spate::testing::FaultDisk disk;
    auto folder = *disk.open_folder("/d", io::IfMissing::make);
    ASSERT_TRUE(folder->make_folder("sub"));
    for (const std::string_view content : {"first", "", "second and longer"}) {
        ASSERT_TRUE(replace_file(*folder, "sub/file", as_bytes(content)));
        EXPECT_EQ(text_of(*folder, "sub/file"), content);
    }
    EXPECT_THAT(disk.names(), ElementsAre("/d/sub/file"));
}

TEST(AtomicFile, ReadsUpToTheCap) {
    spate::testing::FaultDisk disk;
    auto folder = *disk.open_folder("/d", io::IfMissing::make);
    disk.put("/d/file", {1, 2, 3});
    EXPECT_EQ(read_file(*folder, "file", 3)->size(), 3U);
    EXPECT_TRUE(read_file(*folder, "file", 2).error().is(std::errc::file_too_large));
    EXPECT_TRUE(read_file(*folder, "none", 2).error().is(std::errc::no_such_file_or_directory));
}

TEST(AtomicFile, AnyFailureLeavesTheOldContent) {
    for (const std::string operation : {"open", "write", "sync", "rename"}) {
        spate::testing::FaultDisk disk;
        auto folder = *disk.open_folder("/d", io::IfMissing::make);
        disk.put("/d/file", {'o', 'l', 'd'});
        disk.fault = [&](const std::string& now, const std::string&) {
            return now == operation ? ENOSPC : 0;
        };
        const auto done = replace_file(*folder, "file", as_bytes("new"));
        disk.fault = {};
        ASSERT_FALSE(done) << operation;
        EXPECT_TRUE(done.error().is(std::errc::no_space_on_device));
        EXPECT_EQ(text_of(*folder, "file"), "old") << operation;
        EXPECT_THAT(disk.names(), ElementsAre("/d/file")) << operation;
    }
}

TEST(AtomicFile, PowerLossLeavesOldOrNew) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        spate::testing::FaultDisk disk;
        auto folder = *disk.open_folder("/d", io::IfMissing::make);
        disk.put("/d/file", {'o', 'l', 'd'});
        Rng rng(seed);
        const auto last = disk.operations + rng.below(8);
        disk.fault = [&](const std::string&, const std::string&) { return disk.operations > last ? EIO : 0; };
        const bool done = replace_file(*folder, "file", as_bytes("the new one")).has_value();
        disk.fault = {};
        disk.lose_power(rng);
        const auto content = text_of(*folder, "file");
        EXPECT_TRUE(content == "the new one" || (!done && content == "old")) << seed << " " << content;
    }
}

TEST(StateFolder, HasOneOwner) {
    spate::testing::FaultDisk disk;
    {
        auto first = StateFolder::open(disk, "/state");
        ASSERT_TRUE(first);
        const auto second = StateFolder::open(disk, "/state");
        ASSERT_FALSE(second);
        EXPECT_THAT(second.error().message(), HasSubstr("another spate uses it"));
        EXPECT_THAT(second.error().message(), HasSubstr("/state"));
    }
    EXPECT_TRUE(StateFolder::open(disk, "/state"));
}

}  // namespace
}  // namespace spate::storage
