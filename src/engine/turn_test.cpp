#include "engine/turn.h"

#include <gtest/gtest.h>

#include "tests/manual_world.h"

namespace spate::engine {
namespace {

class Again final : public TurnTask {
  public:
    Again(Turn& turn, int times) : TurnTask(turn), left(times) {}
    void begin() { at_turn_end(); }
    int left;
    int runs = 0;

  private:
    void on_turn_end() override {
        ++runs;
        if (--left > 0) at_turn_end();
    }
};

TEST(Turn, WhatATaskAddsBelongsToTheSameTurn) {
    testing::ManualReactor reactor;
    Turn turn(reactor);
    Again task(turn, 2);
    task.begin();
    task.begin();
    int seen = 0;
    reactor.post([&] { seen = task.runs; });
    reactor.run_posted();
    EXPECT_EQ(seen, 2);
}

// Such as the writes to a peer that reads as fast as they come.
TEST(Turn, OneThatHasMoreEachTimeLetsOthersHaveTheirTurn) {
    testing::ManualReactor reactor;
    Turn turn(reactor);
    Again greedy(turn, 100);
    greedy.begin();
    int seen = 0;
    reactor.post([&] { seen = greedy.runs; });
    reactor.run_posted();
    EXPECT_EQ(seen, Turn::rounds_max);
    EXPECT_EQ(greedy.runs, 100);
}

TEST(Turn, WhoDiesWhileItWaitsIsNotRun) {
    testing::ManualReactor reactor;
    Turn turn(reactor);
    Again stays(turn, 1);
    {
        Again gone(turn, 1);
        gone.begin();
        stays.begin();
    }
    reactor.run_posted();
    EXPECT_EQ(stays.runs, 1);
}

}  // namespace
}  // namespace spate::engine
