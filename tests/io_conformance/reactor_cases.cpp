// Timers and post(): io/reactor.h.
#include <gmock/gmock.h>
#include <vector>

#include "tests/io_conformance/world_under_test.h"

namespace spate::io {
namespace {
using std::chrono::milliseconds;
using ::testing::ElementsAre;

TEST_P(TimerConformance, RunsOnceWhenDue) {
    int runs = 0;
    const TimePoint due = reactor().now() + milliseconds(20);
    TimePoint ran_at{};
    const auto timer = reactor().make_timer([&] {
        ++runs;
        ran_at = reactor().now();
    });
    EXPECT_FALSE(timer->armed());
    timer->arm(due);
    EXPECT_TRUE(timer->armed());
    ASSERT_TRUE(run_until([&] { return runs > 0; }));
    EXPECT_GE(ran_at, due);
    EXPECT_FALSE(timer->armed());
    run_a_while();
    EXPECT_EQ(runs, 1);
}

TEST_P(TimerConformance, OneInThePastRunsSoonButNotInsideArm) {
    int runs = 0;
    const auto timer = reactor().make_timer([&] { ++runs; });
    timer->arm(reactor().now() - milliseconds(5));
    EXPECT_EQ(runs, 0);
    ASSERT_TRUE(run_until([&] { return runs == 1; }));
}

TEST_P(TimerConformance, ArmingAgainReplacesTheDeadline) {
    std::vector<char> order;
    const auto moved_later = reactor().make_timer([&] { order.push_back('a'); });
    const auto middle = reactor().make_timer([&] { order.push_back('b'); });
    const auto moved_earlier = reactor().make_timer([&] { order.push_back('c'); });
    const TimePoint now = reactor().now();
    moved_later->arm(now + milliseconds(10));
    middle->arm(now + milliseconds(30));
    moved_earlier->arm(now + std::chrono::hours(1));
    moved_later->arm(now + milliseconds(50));
    moved_earlier->arm(now + milliseconds(5));
    ASSERT_TRUE(run_until([&] { return order.size() == 3; }));
    EXPECT_THAT(order, ElementsAre('c', 'b', 'a'));
    run_a_while();
    EXPECT_EQ(order.size(), 3u);
}

TEST_P(TimerConformance, DisarmedOrDestroyedDoesNotRun) {
    int runs = 0;
    const auto disarmed = reactor().make_timer([&] { ++runs; });
    auto destroyed = reactor().make_timer([&] { ++runs; });
    disarmed->arm(reactor().now() + milliseconds(5));
    destroyed->arm(reactor().now());
    disarmed->disarm();
    disarmed->disarm();
    destroyed.reset();
    EXPECT_FALSE(disarmed->armed());
    run_a_while();
    EXPECT_EQ(runs, 0);
}

TEST_P(TimerConformance, OneTimersCallbackDisarmsAnotherThatIsDueToo) {
    int runs = 0;
    std::unique_ptr<Timer> second = reactor().make_timer([&] { ++runs; });
    std::unique_ptr<Timer> third = reactor().make_timer([&] { ++runs; });
    const auto first = reactor().make_timer([&] {
        ++runs;
        second->disarm();
        third.reset();
    });
    const TimePoint due = reactor().now() + milliseconds(5);
    first->arm(due);
    second->arm(due);
    third->arm(due);
    ASSERT_TRUE(run_until([&] { return runs > 0; }));
    run_a_while();
    EXPECT_EQ(runs, 1);
}

TEST_P(TimerConformance, ArmsItselfInItsCallback) {
    int runs = 0;
    std::unique_ptr<Timer> timer = reactor().make_timer([&] {
        if (++runs < 5) timer->arm(reactor().now());
    });
    timer->arm(reactor().now());
    ASSERT_TRUE(run_until([&] { return runs == 5; }));
    EXPECT_FALSE(timer->armed());
}

TEST_P(TimerConformance, ArmingForNowInACallbackLetsPostedWorkRun) {
    bool posted_ran = false;
    std::unique_ptr<Timer> timer = reactor().make_timer([&] {
        if (!posted_ran) timer->arm(reactor().now());
    });
    timer->arm(reactor().now());
    reactor().post([&] { posted_ran = true; });
    EXPECT_TRUE(run_until([&] { return posted_ran; }));
}

TEST_P(TimerConformance, DestroysItselfInItsCallback) {
    const auto kept_alive_by_callback = std::make_shared<int>(7);
    int seen = 0;
    std::unique_ptr<Timer> timer;
    timer = reactor().make_timer([&, kept_alive_by_callback] {
        timer.reset();
        seen = *kept_alive_by_callback;  // what the callback holds lives until it returns
    });
    timer->arm(reactor().now());
    ASSERT_TRUE(run_until([&] { return seen != 0; }));
    EXPECT_EQ(seen, 7);
    EXPECT_EQ(kept_alive_by_callback.use_count(), 1);
}

TEST_P(TimerConformance, RunInOrderOfDeadlineThenOfArming) {
    std::vector<int> order;
    std::vector<std::unique_ptr<Timer>> timers;
    const TimePoint base = reactor().now() + milliseconds(10);
    for (int i = 0; i < 40; ++i) {
        timers.push_back(reactor().make_timer([&order, i] { order.push_back(i); }));
    }
    // Armed 39 first; deadlines in four groups, later groups for smaller numbers.
    for (int i = 39; i >= 0; --i) timers[static_cast<std::size_t>(i)]->arm(base + milliseconds(3 - i / 10));
    ASSERT_TRUE(run_until([&] { return order.size() == 40; }));
    std::vector<int> expected;
    for (int i = 39; i >= 0; --i) expected.push_back(i);
    EXPECT_EQ(order, expected);
}

TEST_P(TimerConformance, NeverIsArmedAndDoesNotRun) {
    int runs = 0;
    const auto timer = reactor().make_timer([&] { ++runs; });
    const auto other = reactor().make_timer([&] { runs += 100; });
    timer->arm(never);
    other->arm(reactor().now() + milliseconds(5));
    EXPECT_TRUE(timer->armed());
    ASSERT_TRUE(run_until([&] { return runs >= 100; }));
    run_a_while();
    EXPECT_EQ(runs, 100);
    EXPECT_TRUE(timer->armed());
}

TEST_P(ReactorConformance, TimeDoesNotGoBackAndPasses) {
    const TimePoint before = reactor().now();
    run_a_while();
    const TimePoint between = reactor().now();
    EXPECT_GT(between, before);
    EXPECT_GE(reactor().now(), between);
}

TEST_P(ReactorConformance, TheCalendarIsInThisCentury) {
    EXPECT_GT(reactor().wall_now().unix_seconds, 946'684'800);    // 2000
    EXPECT_LT(reactor().wall_now().unix_seconds, 4'102'444'800);  // 2100
}

TEST_P(ReactorConformance, PostedWorkRunsLaterInOrder) {
    std::vector<int> order;
    for (int i = 0; i < 5; ++i) reactor().post([&order, i] { order.push_back(i); });
    EXPECT_TRUE(order.empty());
    ASSERT_TRUE(run_until([&] { return order.size() == 5; }));
    EXPECT_THAT(order, ElementsAre(0, 1, 2, 3, 4));
}

TEST_P(ReactorConformance, WorkPostedByPostedWorkRunsAfterIt) {
    std::vector<char> order;
    reactor().post([&] {
        reactor().post([&] { order.push_back('c'); });
        order.push_back('a');
    });
    reactor().post([&] { order.push_back('b'); });
    ASSERT_TRUE(run_until([&] { return order.size() == 3; }));
    EXPECT_THAT(order, ElementsAre('a', 'b', 'c'));
}

TEST_P(ReactorConformance, PostedWorkMayHoldWhatCannotBeCopied) {
    int got = 0;
    reactor().post([&got, value = std::make_unique<int>(3)] { got = *value; });
    ASSERT_TRUE(run_until([&] { return got != 0; }));
    EXPECT_EQ(got, 3);
}

}  // namespace
}  // namespace spate::io
