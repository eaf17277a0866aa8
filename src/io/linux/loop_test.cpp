#include "io/linux/loop.h"

#include <atomic>
#include <gmock/gmock.h>
#include <signal.h>
#include <thread>

#include "io/linux/loop_test_world.h"

namespace spate::io_linux {
namespace {
using ::testing::ElementsAre;

TEST(Loop, RunsUntilStoppedAndMayRunAgain) {
    Loop loop(1);
    int rounds = 0;
    for (int i = 1; i <= 2; ++i) {
        loop.world().reactor.post([&] {
            ++rounds;
            loop.stop();
        });
        loop.run();
        EXPECT_EQ(rounds, i);
    }
}

TEST(Loop, AnotherThreadMayStopIt) {
    Loop loop(1);
    std::jthread stopper;
    loop.world().reactor.post([&] { stopper = std::jthread([&] { loop.stop(); }); });
    loop.run();
    SUCCEED();  // run() returned
}

TEST(Loop, AStopBeforeRunCounts) {
    Loop loop(1);
    loop.stop();
    loop.run();
    bool ran = false;
    loop.world().reactor.post([&] { ran = true; });
    EXPECT_TRUE(run_until(loop, [&] { return ran; }));
}

TEST(Loop, SignalsArriveInATurnEachTime) {
    Loop loop(1);
    std::vector<int> arrived;
    ASSERT_TRUE(loop.on_signal({SIGUSR1, SIGUSR2}, [&](int signal) { arrived.push_back(signal); }));
    ::raise(SIGUSR1);
    EXPECT_TRUE(arrived.empty());
    ASSERT_TRUE(run_until(loop, [&] { return arrived.size() == 1; }));
    ::raise(SIGUSR2);
    ASSERT_TRUE(run_until(loop, [&] { return arrived.size() == 2; }));
    ::raise(SIGUSR1);
    ASSERT_TRUE(run_until(loop, [&] { return arrived.size() == 3; }));
    EXPECT_THAT(arrived, ElementsAre(SIGUSR1, SIGUSR2, SIGUSR1));
}

TEST(Loop, ASignalThatCannotBeWatchedIsAnError) {
    Loop loop(1);
    const auto watched = loop.on_signal({SIGKILL}, [](int) {});
    ASSERT_FALSE(watched);
    EXPECT_TRUE(watched.error().is(std::errc::invalid_argument));
}

TEST(Loop, DestructionFinishesJobsBegunAndDropsTheRest) {
    std::atomic<bool> begun = false;
    std::atomic<bool> release = false;
    std::atomic<int> worked = 0;
    int completed = 0;
    const auto held = std::make_shared<int>(0);
    std::jthread releaser;
    {
        Loop loop(1);
        loop.world().pool.submit(
            [&, held] {
                begun = true;
                while (!release) std::this_thread::yield();
                ++worked;
            },
            [&, held] { ++completed; });
        loop.world().pool.submit([&, held] { ++worked; }, [&, held] { ++completed; });
        while (!begun) std::this_thread::yield();
        // Lets the job go only after the destructor below had every chance to drop the other one.
        releaser = std::jthread([&] {
            while (held.use_count() > 3) std::this_thread::yield();
            release = true;
        });
    }
    EXPECT_EQ(worked, 1);
    EXPECT_EQ(completed, 0);
    EXPECT_EQ(held.use_count(), 1);
}

TEST(Loop, MayBeDestroyedInsideNothingWithWorkPosted) {
    const auto held = std::make_shared<int>(0);
    {
        Loop loop(1);
        loop.world().reactor.post([held] {});
        EXPECT_EQ(held.use_count(), 2);
    }
    EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace spate::io_linux
