// WorkPool, SecureRandom and what only real threads can show: io/work_pool.h, io/random.h, io/reactor.h.
#include <algorithm>
#include <array>
#include <atomic>
#include <gmock/gmock.h>
#include <set>
#include <thread>

#include "tests/io_conformance/world_under_test.h"

namespace spate::io {
namespace {

TEST_P(PoolConformance, TheCompletionFollowsItsJob) {
    bool worked = false;
    bool done = false;
    world().pool.submit([&] { worked = true; },
                        [&] {
                            EXPECT_TRUE(worked);
                            done = true;
                        });
    EXPECT_FALSE(done);
    ASSERT_TRUE(run_until([&] { return done; }));
}

TEST_P(PoolConformance, AJobHasTheReactorsClock) {
    const std::string folder = under_test_->scratch_folder();
    const TimePoint before = reactor().now();
    TimePoint begun, over, completed;
    bool done = false;
    world().pool.submit(
        [&] {
            begun = reactor().now();
            EXPECT_TRUE(world().files.open_folder(folder, IfMissing::fail));
            over = reactor().now();
        },
        [&] {
            completed = reactor().now();
            done = true;
        });
    ASSERT_TRUE(run_until([&] { return done; }));
    EXPECT_LE(before, begun);
    EXPECT_LT(begun, over);
    EXPECT_LE(over, completed);
}

TEST_P(PoolConformance, EveryJobAndCompletionRunsOnce) {
    constexpr std::size_t count = 500;
    std::array<std::atomic<int>, count> worked{};
    std::array<int, count> completed{};
    std::size_t done = 0;
    for (std::size_t i = 0; i < count; ++i) {
        world().pool.submit([&worked, i] { ++worked[i]; },
                            [&, i] {
                                ++completed[i];
                                ++done;
                            });
    }
    ASSERT_TRUE(run_until([&] { return done == count; }));
    run_a_while();
    EXPECT_EQ(done, count);
    EXPECT_TRUE(std::ranges::all_of(worked, [](const auto& times) { return times == 1; }));
    EXPECT_TRUE(std::ranges::all_of(completed, [](int times) { return times == 1; }));
}

TEST_P(PoolConformance, ACompletionMaySubmit) {
    int rounds = 0;
    std::function<void()> next = [&] {
        world().pool.submit([] {},
                            [&] {
                                if (++rounds < 10) next();
                            });
    };
    next();
    EXPECT_TRUE(run_until([&] { return rounds == 10; }));
}

TEST_P(PoolConformance, JobAndCompletionMayHoldWhatCannotBeCopied) {
    int got = 0;
    const auto shared = std::make_shared<int>(0);
    world().pool.submit([value = std::make_unique<int>(5), shared] { *shared = *value; },
                        [&got, add = std::make_unique<int>(2), shared] { got = *shared + *add; });
    ASSERT_TRUE(run_until([&] { return got != 0; }));
    EXPECT_EQ(got, 7);
    EXPECT_TRUE(run_until([&] { return shared.use_count() == 1; }));  // nothing kept after completion
}

TEST_P(RandomConformance, NoTwoFillsAreAlike) {
    std::set<std::array<std::uint8_t, 16>> seen;
    for (int i = 0; i < 100; ++i) {
        std::array<std::uint8_t, 16> octets{};
        world().random.fill(octets);
        seen.insert(octets);
    }
    EXPECT_EQ(seen.size(), 100u);
    EXPECT_NE(world().random.next_u64(), world().random.next_u64());
}

TEST_P(RandomConformance, LongFillsReachTheirEnd) {
    std::vector<std::uint8_t> octets(100'000);
    world().random.fill(octets);
    std::array<std::uint8_t, 64> zeros{};
    EXPECT_FALSE(std::ranges::equal(Bytes(octets).last(64), zeros));
    world().random.fill({});
}

TEST_P(ThreadConformance, AnyThreadMayPost) {
    constexpr int threads = 4;
    constexpr int each = 1'000;
    const auto here = std::this_thread::get_id();
    std::array<int, threads> next{};
    int ran = 0;
    std::vector<std::jthread> posters;
    for (std::size_t t = 0; t < threads; ++t) {
        posters.emplace_back([&, t, reactor = &reactor()] {
            for (int i = 0; i < each; ++i) {
                reactor->post([&, t, i] {
                    EXPECT_EQ(std::this_thread::get_id(), here);
                    EXPECT_EQ(next[t]++, i);  // in the order posted by one thread
                    ++ran;
                });
            }
        });
    }
    EXPECT_TRUE(run_until([&] { return ran == threads * each; }));
}

TEST_P(ThreadConformance, JobsRunElsewhereAndCompletionsHere) {
    const auto here = std::this_thread::get_id();
    std::thread::id job_thread;
    std::thread::id done_thread;
    bool done = false;
    world().pool.submit([&] { job_thread = std::this_thread::get_id(); },
                        [&] {
                            done_thread = std::this_thread::get_id();
                            done = true;
                        });
    ASSERT_TRUE(run_until([&] { return done; }));
    EXPECT_NE(job_thread, here);
    EXPECT_EQ(done_thread, here);
}

TEST_P(ThreadConformance, ABusyPoolDoesNotHoldTheReactor) {
    std::atomic<bool> release = false;
    bool done = false;
    world().pool.submit(
        [&] {
            while (!release) std::this_thread::yield();
        },
        [&] { done = true; });
    int turns = 0;
    reactor().post([&] { ++turns; });
    EXPECT_TRUE(run_until([&] { return turns == 1; }));
    EXPECT_FALSE(done);
    release = true;
    EXPECT_TRUE(run_until([&] { return done; }));
}

}  // namespace
}  // namespace spate::io
