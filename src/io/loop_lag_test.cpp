#include "io/loop_lag.h"

#include <gtest/gtest.h>

#include "tests/manual_world.h"

namespace spate::io {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

TEST(LagHistogram, TellsValuesToAnEighth) {
    for (std::uint64_t value = 1; value < 60'000'000; value += 1 + value / 3) {
        LagHistogram late;
        late.add(microseconds(value));
        late.add(std::chrono::minutes(3));
        EXPECT_GE(late.at(0.5), microseconds(value));
        EXPECT_LE(late.at(0.5), microseconds(value + value / 8));
    }
}

TEST(LagHistogram, CountsPartsOfAllValues) {
    LagHistogram late;
    EXPECT_EQ(late.at(0.99), Duration{});
    for (int i = 0; i < 98; ++i) late.add(microseconds(5));
    late.add(milliseconds(40));
    late.add(std::chrono::hours(2));  // beyond the last bucket
    EXPECT_EQ(late.count(), 100U);
    EXPECT_EQ(late.at(0.5), microseconds(5));
    EXPECT_EQ(late.at(0.98), microseconds(5));
    EXPECT_GE(late.at(0.99), milliseconds(40));
    EXPECT_LE(late.at(0.99), milliseconds(45));
    EXPECT_EQ(late.at(1), std::chrono::hours(2));
    EXPECT_EQ(late.max(), std::chrono::hours(2));
}

TEST(LagHistogram, WhatIsNegativeIsNotLate) {
    LagHistogram late;
    late.add(microseconds(-3));
    EXPECT_EQ(late.at(1), Duration{});
}

TEST(LoopLag, AFreeThreadIsNeverLate) {
    testing::ManualReactor reactor;
    const LoopLag lag(reactor);
    reactor.advance(LoopLag::beat * 100);
    EXPECT_EQ(lag.late().count(), 100U);
    EXPECT_EQ(lag.late().max(), Duration{});
}

TEST(LoopLag, AStallCountsForEachBeatThatItSwallowed) {
    testing::ManualReactor reactor;
    const LoopLag lag(reactor);
    // Something keeps the thread from here for ten beats.
    const auto stall = reactor.make_timer([&] { reactor.stand_still(LoopLag::beat * 10); });
    stall->arm(reactor.now() + LoopLag::beat / 2);
    reactor.advance(LoopLag::beat * 20);
    EXPECT_EQ(lag.late().count(), 20U);
    EXPECT_GT(lag.late().max(), LoopLag::beat * 9);
    EXPECT_GT(lag.late().at(0.7), LoopLag::beat * 3);
    EXPECT_EQ(lag.late().at(0.4), Duration{});
}

}  // namespace
}  // namespace spate::io
