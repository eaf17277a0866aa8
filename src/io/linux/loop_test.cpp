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

struct Accepted final : io::ListenerHandler {
    void on_accept(std::unique_ptr<io::Stream> stream) override { from.push_back(stream->remote().address); }
    void on_accept_error(const Error&) override {}
    std::vector<Address> from;
};

TEST(Loop, WhatItSendsComesFromItsSource) {
    Loop loop(1);
    const auto source = Address::v4(127, 0, 0, 7);
    loop.set_source(source);
    Accepted accepted;
    auto world = loop.world();
    const auto listener = world.network.listen({Address::loopback(), 0}, accepted).value();
    const auto connect = [&](const Endpoint& remote) {
        std::optional<Result<void>> done;
        const auto pending = world.network.connect(remote, [&](Result<std::unique_ptr<io::Stream>> stream) {
            done = stream ? Result<void>() : fail(stream.error());
        });
        EXPECT_TRUE(run_until(loop, [&] { return done.has_value(); }));
        return done.value_or(Result<void>());
    };
    EXPECT_TRUE(connect(listener->local()));
    EXPECT_TRUE(run_until(loop, [&] { return !accepted.from.empty(); }));
    EXPECT_EQ(accepted.from.at(0), source);
    EXPECT_EQ(world.network.open_datagram({Address(), 0}).value()->local().address, source);
    const auto other_family = connect({*Address::parse("::1"), listener->local().port});
    ASSERT_FALSE(other_family);
    EXPECT_THAT(other_family.error().message(), ::testing::HasSubstr("from 127.0.0.7"));
    const auto beside = Loop::with_pool_of(loop);
    EXPECT_EQ(beside->world().network.open_datagram({Address(), 0}).value()->local().address, source);
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
