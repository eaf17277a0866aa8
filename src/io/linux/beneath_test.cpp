// The walk that stands in for openat2: where a sandbox's filter refuses that call, the same answers come.
#include "io/linux/beneath.h"

#include <array>
#include <cerrno>
#include <cstddef>
#include <fcntl.h>
#include <filesystem>
#include <gmock/gmock.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

namespace spate::io_linux {
namespace {

// From here on openat2 fails with `errno_value` in this process.
bool refuse_openat2(int errno_value) {
    std::array<sock_filter, 4> rules{{
        {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
        {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_openat2},
        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | static_cast<unsigned>(errno_value)},
        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
    }};
    const sock_fprog program{rules.size(), rules.data()};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

class BeneathTest : public ::testing::Test {
  protected:
    BeneathTest() {
        std::string name = std::filesystem::temp_directory_path() / "spate_beneath_XXXXXX";
        EXPECT_NE(::mkdtemp(name.data()), nullptr);
        path_ = name;
        std::filesystem::create_directories(path_ / "folder/deep");
        folder_.reset(::open(path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        UniqueFd(::openat(folder_.get(), "folder/deep/file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
        std::filesystem::create_symlink("folder", path_ / "link");
        std::filesystem::create_symlink("folder/deep/file", path_ / "file_link");
    }
    ~BeneathTest() override { std::filesystem::remove_all(path_); }

    int open_errno(const char* path, int flags, OpenWay way) {
        return open_beneath(folder_.get(), path, flags, 0600, way) ? 0 : errno;
    }
    // 0 when every answer is right.
    int wrong_answers(OpenWay way) {
        int wrong = 0;
        const auto expect = [&](const char* path, int flags, int error) {
            if (open_errno(path, flags, way) != error) ++wrong;
        };
        expect("folder/deep/file", O_RDONLY, 0);
        expect("folder/deep", O_RDONLY | O_DIRECTORY, 0);
        expect("folder/deep/new", O_RDWR | O_CREAT, 0);
        expect("folder/deep/new", O_RDWR | O_CREAT | O_EXCL, EEXIST);
        expect("folder/deep/none", O_RDONLY, ENOENT);
        expect("none/file", O_RDONLY, ENOENT);
        expect("folder/deep/file/x", O_RDONLY, ENOTDIR);
        expect("folder/deep/file", O_PATH | O_DIRECTORY, ENOTDIR);
        expect("link", O_PATH | O_DIRECTORY, ELOOP);
        expect("link/deep/file", O_RDONLY, ELOOP);
        expect("file_link", O_RDONLY, ELOOP);
        expect("file_link", O_PATH, 0);
        return wrong;
    }

    std::filesystem::path path_;
    UniqueFd folder_;
};

TEST_F(BeneathTest, BothWaysGiveTheSameAnswers) {
    EXPECT_EQ(wrong_answers(OpenWay::kernel), 0);
    std::filesystem::remove(path_ / "folder/deep/new");
    EXPECT_EQ(wrong_answers(OpenWay::walk), 0);
}

TEST_F(BeneathTest, RefusedByTheKernelItWalks) {
    for (const int refusal : {ENOSYS, EPERM}) {
        SCOPED_TRACE(refusal);
        std::filesystem::remove(path_ / "folder/deep/new");
        const pid_t child = ::fork();  // a filter cannot be taken off again
        if (child == 0) {
            if (!refuse_openat2(refusal)) ::_exit(100);
            errno = 0;
            if (::syscall(SYS_openat2, -1, "", nullptr, 0) != -1 || errno != refusal) ::_exit(101);
            ::_exit(wrong_answers(OpenWay::kernel));
        }
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFEXITED(status));
        EXPECT_EQ(WEXITSTATUS(status), 0);
    }
}

TEST_F(BeneathTest, DescriptorsAreClosedOnExec) {
    for (const OpenWay way : {OpenWay::kernel, OpenWay::walk}) {
        const UniqueFd fd = open_beneath(folder_.get(), "folder/deep/file", O_RDONLY, 0, way);
        EXPECT_EQ(::fcntl(fd.get(), F_GETFD), FD_CLOEXEC);
    }
}

}  // namespace
}  // namespace spate::io_linux
