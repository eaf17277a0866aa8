// What only threads of the kernel do: signals. The rest is in the conformance suite.
#include "io/linux/thread_pool.h"

#include <atomic>
#include <future>
#include <gtest/gtest.h>
#include <signal.h>
#include <thread>

#include "io/linux/loop_test_world.h"
#include "io/linux/loop_thread.h"

namespace spate::io_linux {
namespace {

TEST(ThreadPool, JobsTakeNoSignalButWhatTheyRaiseThemselves) {
    Loop loop(1);
    sigset_t blocked;
    sigemptyset(&blocked);
    bool done = false;
    loop.world().pool.submit([&] { pthread_sigmask(SIG_BLOCK, nullptr, &blocked); }, [&] { done = true; });
    ASSERT_TRUE(run_until(loop, [&] { return done; }));
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGPIPE, SIGUSR1, SIGWINCH})
        EXPECT_EQ(sigismember(&blocked, signal), 1) << signal;
    for (const int signal : {SIGBUS, SIGSEGV, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT})
        EXPECT_EQ(sigismember(&blocked, signal), 0) << signal;
}

TEST(ThreadPool, TwoLoopsShareThreadsAndEachHearsOfItsOwnJobs) {
    Loop first(1);
    const auto second = Loop::with_pool_of(first);
    std::thread::id by_first, by_second;
    bool first_done = false, second_done = false;
    first.world().pool.submit([&] { by_first = std::this_thread::get_id(); }, [&] { first_done = true; });
    ASSERT_TRUE(run_until(first, [&] { return first_done; }));
    second->world().pool.submit([&] { by_second = std::this_thread::get_id(); }, [&] { second_done = true; });
    ASSERT_TRUE(run_until(*second, [&] { return second_done; }));
    EXPECT_EQ(by_first, by_second);
}

TEST(ThreadPool, APoolThatGoesWaitsForItsOwnJobsAndLeavesTheOthers) {
    auto first = std::make_unique<Loop>(1);
    const auto second = Loop::with_pool_of(*first);
    std::atomic<int> began = 0;
    std::promise<void> go;
    std::atomic<bool> ended = false;
    bool second_done = false;
    first->world().pool.submit(
        [&, gate = go.get_future()]() mutable {
            ++began;
            gate.wait();
            ended = true;
        },
        [] { FAIL() << "its pool is gone"; });
    while (began == 0) std::this_thread::yield();
    const auto held = std::make_shared<int>(0);
    first->world().pool.submit([&, held] { ++began; }, [] { FAIL() << "its pool is gone"; });
    second->world().pool.submit([&] { ++began; }, [&] { second_done = true; });
    // Only when the destructor below has dropped the other one.
    std::jthread opener([&] {
        while (held.use_count() > 1) std::this_thread::yield();
        go.set_value();
    });
    first.reset();
    EXPECT_TRUE(ended);
    ASSERT_TRUE(run_until(*second, [&] { return second_done; }));
    EXPECT_EQ(began, 2) << "what it had not begun is dropped";
}

TEST(LoopThread, RunsWhatIsPostedUntilItIsStopped) {
    Loop loop(1);
    LoopThread other(loop);
    std::promise<std::thread::id> ran;
    bool answered = false;
    other.world().reactor.post([&] {
        ran.set_value(std::this_thread::get_id());
        loop.world().reactor.post([&] { answered = true; });
    });
    ASSERT_TRUE(run_until(loop, [&] { return answered; }));
    EXPECT_NE(ran.get_future().get(), std::this_thread::get_id());
    other.stop();
    other.world().reactor.post([] { FAIL() << "it is stopped"; });
}

}  // namespace
}  // namespace spate::io_linux
