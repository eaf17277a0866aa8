// What only threads of the kernel do: signals. The rest is in the conformance suite.
#include "io/linux/thread_pool.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "io/linux/loop_test_world.h"

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

}  // namespace
}  // namespace spate::io_linux
