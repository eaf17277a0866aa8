// What only the kernel's files show: which folders were synced, and times finer than a second.
#include "io/linux/files.h"

#include <array>
#include <climits>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <filesystem>
#include <gmock/gmock.h>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "io/linux/file.h"
#include "io/linux/unique_fd.h"

namespace {
std::vector<std::string>* synced = nullptr;  // where a test wants to know
int sync_error = 0;
}  // namespace

// In place of the C library's.
extern "C" int fsync(int fd) {
    if (synced) {
        char path[PATH_MAX];
        const auto size = ::readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), path, sizeof path);
        synced->emplace_back(path, static_cast<std::size_t>(size < 0 ? 0 : size));
        if (sync_error != 0) {
            errno = sync_error;
            return -1;
        }
    }
    return static_cast<int>(::syscall(SYS_fsync, fd));
}

namespace spate::io_linux {
namespace {
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FilesTest : public ::testing::Test {
  protected:
    FilesTest() {
        char name[] = "/tmp/spate-files-XXXXXX";
        top_ = ::mkdtemp(name);
        synced = &synced_;
    }
    ~FilesTest() override {
        synced = nullptr;
        sync_error = 0;
        std::filesystem::remove_all(top_);
    }

    LinuxFiles files_;
    std::string top_;
    std::vector<std::string> synced_;
};

TEST_F(FilesTest, EachParentOfAFolderThatWasMadeIsSynced) {
    ASSERT_TRUE(files_.open_folder(top_ + "/a/b//c/", io::IfMissing::make));
    EXPECT_THAT(synced_, ElementsAre(top_, top_ + "/a", top_ + "/a/b"));
    synced_.clear();
    ASSERT_TRUE(files_.open_folder(top_ + "/a/d", io::IfMissing::make));
    EXPECT_THAT(synced_, ElementsAre(top_ + "/a"));
    synced_.clear();
    ASSERT_TRUE(files_.open_folder(top_ + "/a/d", io::IfMissing::make));
    EXPECT_THAT(synced_, IsEmpty());
}

TEST_F(FilesTest, AFolderOfAPathWithoutASlashIsSyncedInTheWorkingFolder) {
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(top_);
    const auto made = files_.open_folder("plain", io::IfMissing::make);
    std::filesystem::current_path(before);
    ASSERT_TRUE(made);
    EXPECT_THAT(synced_, ElementsAre(top_));
}

TEST_F(FilesTest, AParentThatCannotBeSyncedIsAnError) {
    sync_error = EIO;
    const auto made = files_.open_folder(top_ + "/a/b", io::IfMissing::make);
    ASSERT_FALSE(made);
    EXPECT_TRUE(made.error().is(std::errc::io_error));
}

// A memfd lies in tmpfs.
TEST_F(FilesTest, WhatLiesInMemoryIsReadAtOnceWhenThatIsKnown) {
    const int fd = ::memfd_create("spate", MFD_CLOEXEC);
    ASSERT_GE(fd, 0);
    LinuxFile file(UniqueFd(fd), "memory");
    ASSERT_TRUE(file.write_at(0, as_bytes("0123456789")));
    std::array<std::uint8_t, 4> buffer{};
    ASSERT_EQ(file.read_at(0, buffer).value(), 4U);
    ASSERT_TRUE(file.read_cached(5, buffer));
    EXPECT_EQ(as_text(buffer), "5678");
    EXPECT_FALSE(file.read_cached(7, buffer)) << "beyond the end";
}

TEST_F(FilesTest, FoldersOfOneDiskSaySo) {
    const auto disk_of = [&](const std::string& path) {
        return files_.open_folder(path, io::IfMissing::make).value()->disk();
    };
    EXPECT_NE(disk_of(top_), 0U);
    EXPECT_EQ(disk_of(top_ + "/a"), disk_of(top_ + "/b/c"));
    EXPECT_NE(disk_of("/proc"), disk_of(top_));
}

TEST_F(FilesTest, WhyAFolderCannotBeMadeIsSaid) {
    const auto made = files_.open_folder("/proc/1/spate/downloads", io::IfMissing::make);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().operation, "make folder");
    EXPECT_EQ(made.error().object, "/proc/1/spate");
}

TEST_F(FilesTest, AMarkShowsAChangeThatSetsTheTimeBack) {
    const auto folder = files_.open_folder(top_, io::IfMissing::fail).value();
    ASSERT_TRUE(folder->open("f", io::OpenMode::create_new));
    const auto path = top_ + "/f";
    const auto touch = [&] {
        const timespec times[2] = {{1'700'000'000, 5}, {1'700'000'000, 5}};
        EXPECT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
        return folder->marked_info("f").value().mark;
    };
    const auto before = touch();
    EXPECT_NE(before.change, 0u);
    const auto clock_of_files = [] {
        timespec now{};
        ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
        return std::pair(now.tv_sec, now.tv_nsec);
    };
    for (const auto then = clock_of_files(); clock_of_files() == then;) continue;
    const auto after = touch();
    EXPECT_NE(after.change, before.change);
    EXPECT_FALSE(after.has_other_names);
    ASSERT_EQ(::link(path.c_str(), (top_ + "/g").c_str()), 0);
    EXPECT_TRUE(touch().has_other_names);
}

TEST_F(FilesTest, ASecretIsItsUsersAlone) {
    const auto folder = files_.open_folder(top_, io::IfMissing::fail).value();
    ASSERT_TRUE(folder->open("secret", io::OpenMode::create_secret));
    struct stat status{};
    ASSERT_EQ(::stat((top_ + "/secret").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(FilesTest, WhoMayReadAnExecutableMayRunIt) {
    const auto folder = files_.open_folder(top_, io::IfMissing::fail).value();
    ASSERT_TRUE(folder->open("tool", io::OpenMode::create_new));
    ASSERT_EQ(::chmod((top_ + "/tool").c_str(), 0640), 0);
    ASSERT_TRUE(folder->make_executable("tool"));
    struct stat status{};
    ASSERT_EQ(::stat((top_ + "/tool").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0750U);
}

TEST_F(FilesTest, InfoTellsTheTimeOfTheLastChangeToTheNanosecond) {
    const auto folder = files_.open_folder(top_, io::IfMissing::fail).value();
    ASSERT_TRUE(folder->open("f", io::OpenMode::create_new));
    const auto info_at = [&](long nanoseconds) {
        const timespec times[2] = {{1'700'000'000, nanoseconds}, {1'700'000'000, nanoseconds}};
        EXPECT_EQ(::utimensat(AT_FDCWD, (top_ + "/f").c_str(), times, 0), 0);
        return folder->info("f").value();
    };
    const auto early = info_at(5'000'000);
    const auto late = info_at(6'000'000);
    EXPECT_EQ(early.modified.unix_seconds, 1'700'000'000);
    EXPECT_EQ(early.modified_ns, 5'000'000u);
    EXPECT_EQ(late.modified_ns, 6'000'000u);
    EXPECT_NE(early, late);
    EXPECT_EQ(late, folder->info("f").value());
}

}  // namespace
}  // namespace spate::io_linux
