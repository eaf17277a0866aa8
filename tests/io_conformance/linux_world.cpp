// The suite over the real world: one Loop a case, a scratch folder under the system's temporary one.
#include <filesystem>
#include <sys/stat.h>

#include "io/linux/files.h"
#include "io/linux/loop.h"
#include "tests/io_conformance/conformance.h"

namespace spate::io {
namespace {

class LinuxWorld : public WorldUnderTest {
  public:
    explicit LinuxWorld(io_linux::OpenWay way) : files_(way) {
        std::string name = std::filesystem::temp_directory_path() / "spate_conformance_XXXXXX";
        EXPECT_NE(::mkdtemp(name.data()), nullptr);
        parent_ = name;
        std::filesystem::create_directory(scratch_folder());
    }
    LinuxWorld(const LinuxWorld&) = delete;
    LinuxWorld& operator=(const LinuxWorld&) = delete;
    ~LinuxWorld() override { std::filesystem::remove_all(parent_); }

    World world() override {
        const World real = loop_.world();
        return {real.reactor, real.network, real.resolver, files_, real.pool, real.random};
    }
    bool run_until(const std::function<bool()>& done, Duration limit) override {
        const TimePoint end = loop_.world().reactor.now() + limit;
        while (!done()) {
            const Duration left = end - loop_.world().reactor.now();
            if (left <= Duration::zero()) return false;
            loop_.run_one(left);
        }
        return true;
    }
    std::string scratch_folder() override { return parent_ / "scratch"; }
    void make_link(const std::string& path, const std::string& target) override {
        std::filesystem::create_symlink(target, path);
    }
    void make_pipe(const std::string& path) override { ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0); }
    void move_folder(const std::string& from, const std::string& to) override {
        std::filesystem::rename(from, to);
    }

  private:
    std::filesystem::path parent_;
    io_linux::LinuxFiles files_;
    io_linux::Loop loop_{2};
};

std::unique_ptr<WorldUnderTest> linux_world() {
    return std::make_unique<LinuxWorld>(io_linux::OpenWay::kernel);
}
std::unique_ptr<WorldUnderTest> walking_world() {
    return std::make_unique<LinuxWorld>(io_linux::OpenWay::walk);
}

}  // namespace
}  // namespace spate::io

SPATE_IO_CONFORMANCE(Linux, &linux_world)
SPATE_IO_CONFORMANCE_THREADS(Linux, &linux_world)
SPATE_IO_CONFORMANCE_OUTSIDE(Linux, &linux_world)

namespace spate::io {
// Without openat2, the files once more.
INSTANTIATE_TEST_SUITE_P(LinuxWalk, FilesConformance, ::testing::Values(&walking_world));
INSTANTIATE_TEST_SUITE_P(LinuxWalk, OutsideConformance, ::testing::Values(&walking_world));
}  // namespace spate::io
