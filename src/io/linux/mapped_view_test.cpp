#include "io/linux/mapped_view.h"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <numeric>
#include <thread>
#include <unistd.h>
#include <vector>

#include "io/linux/loop_test_world.h"
#include "io/linux/unique_fd.h"

namespace spate::io_linux {
namespace {

class MappedViewTest : public testing::Test {
  protected:
    void fill(std::size_t size) {
        content.resize(size);
        std::iota(content.begin(), content.end(), std::uint8_t{1});
        ASSERT_EQ(::pwrite(fd.get(), content.data(), size, 0), static_cast<ssize_t>(size));
    }
    std::vector<std::uint8_t> content;
    UniqueFd fd{::open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)};
};

std::vector<std::uint8_t> copy(Bytes bytes) {
    return {bytes.begin(), bytes.end()};
}

TEST_F(MappedViewTest, ShowsTheBytesFromAnyOffset) {
    fill(300'000);
    for (const std::size_t offset : {0UL, 1UL, 4095UL, 4096UL, 123'457UL, 299'999UL}) {
        const auto size = std::min<std::size_t>(70'000, content.size() - offset);
        const auto view = MappedView::map(fd.get(), offset, size);
        ASSERT_TRUE(view);
        const auto from = content.begin() + static_cast<std::ptrdiff_t>(offset);
        EXPECT_EQ(copy(view->bytes()), std::vector(from, from + static_cast<std::ptrdiff_t>(size)));
        EXPECT_TRUE(view->intact());
    }
}

TEST_F(MappedViewTest, AFileCutShortUnderItGivesZerosAndIsNotIntact) {
    fill(100'000);
    const auto view = MappedView::map(fd.get(), 0, 100'000);
    const auto other = MappedView::map(fd.get(), 0, 4096);
    ASSERT_TRUE(view && other);
    ASSERT_EQ(::ftruncate(fd.get(), 8192), 0);
    const auto bytes = copy(view->bytes());
    EXPECT_FALSE(view->intact());
    EXPECT_TRUE(std::equal(content.begin(), content.begin() + 8192, bytes.begin()));
    EXPECT_TRUE(std::all_of(bytes.begin() + 8192, bytes.end(), [](auto byte) { return byte == 0; }));
    EXPECT_EQ(copy(other->bytes()).front(), content.front());
    EXPECT_TRUE(other->intact());
}

TEST_F(MappedViewTest, PoolThreadsOutliveAFileCutShortToo) {
    fill(100'000);
    bool done = false, intact = true;
    Loop loop(1);
    const auto read_cut_file = [&] {
        const auto view = MappedView::map(fd.get(), 0, 100'000);
        if (!view || ::ftruncate(fd.get(), 0) != 0 || copy(view->bytes()).back() != 0) return;
        intact = view->intact();
    };
    loop.world().pool.submit(read_cut_file, [&] { done = true; });
    EXPECT_TRUE(run_until(loop, [&] { return done; }));
    EXPECT_FALSE(intact);
}

TEST_F(MappedViewTest, ANewViewOfAUsedSlotIsIntactAgain) {
    fill(10'000);
    for (int round = 0; round < 3; ++round) {
        ASSERT_EQ(::ftruncate(fd.get(), 10'000), 0);
        std::vector<std::unique_ptr<MappedView>> views;
        for (std::size_t i = 0; i < MappedView::views_max; ++i) {
            views.push_back(MappedView::map(fd.get(), 0, 10'000));
            ASSERT_TRUE(views.back());
            EXPECT_TRUE(views.back()->intact());
        }
        EXPECT_FALSE(MappedView::map(fd.get(), 0, 10'000)) << "the table has a limit";
        ASSERT_EQ(::ftruncate(fd.get(), 0), 0);
        EXPECT_EQ(copy(views.back()->bytes()).back(), 0);
        EXPECT_FALSE(views.back()->intact());
        EXPECT_TRUE(views.front()->intact());
    }
}

// Views of all sizes come and go on two threads while a third one reads what is no longer there.
TEST_F(MappedViewTest, AFaultLeavesTheViewsOfOtherThreadsAlone) {
    fill(100'000);
    const UniqueFd shortened{::open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)};
    std::atomic<bool> over = false;
    std::atomic<int> harmed = 0;
    const auto come_and_go = [&](std::size_t step) {
        for (std::size_t size = step; !over; size = (size + step) % 100'000) {
            const auto view = MappedView::map(fd.get(), 0, size + 1);
            if (!view || view->bytes().back() != content[size] || !view->intact()) ++harmed;
        }
    };
    std::thread small(come_and_go, 997);
    std::thread large(come_and_go, 33'333);
    for (int round = 0; round < 2'000; ++round) {
        ASSERT_EQ(::ftruncate(shortened.get(), 20'000), 0);
        const auto view = MappedView::map(shortened.get(), 0, 20'000);
        ASSERT_EQ(::ftruncate(shortened.get(), 0), 0);
        EXPECT_EQ(view->bytes().back(), 0);
        EXPECT_FALSE(view->intact());
    }
    over = true;
    small.join();
    large.join();
    EXPECT_EQ(harmed, 0);
}

TEST_F(MappedViewTest, NothingIsMappedWithoutBytesOrFile) {
    fill(10);
    EXPECT_FALSE(MappedView::map(fd.get(), 0, 0));
    EXPECT_FALSE(MappedView::map(-1, 0, 10));
}

TEST(MappedViewDeathTest, AnotherBusErrorEndsTheProcessAsEver) {
    EXPECT_DEATH(
        {
            const UniqueFd file(::open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
            const char byte = 1;
            if (::pwrite(file.get(), &byte, 1, 0) == 1) static_cast<void>(MappedView::map(file.get(), 0, 1));
            ::raise(SIGBUS);
        },
        "");
}

}  // namespace
}  // namespace spate::io_linux
