#include "engine/talk_budget.h"

#include <gtest/gtest.h>

namespace spate::engine {
namespace {

using namespace std::chrono_literals;

std::uint32_t taken(TalkBudget& budget, TimePoint now) {
    std::uint32_t count = 0;
    while (count < 10'000 && budget.take(now)) ++count;
    return count;
}

TEST(TalkBudget, ABurstThenSomeASecondHoweverOftenItIsAsked) {
    TimePoint now{};
    TalkBudget budget(now);
    EXPECT_EQ(taken(budget, now), TalkBudget::burst);
    std::uint32_t more = 0;
    for (int i = 0; i < 1000; ++i) more += taken(budget, now += 3ms);
    EXPECT_EQ(more, 150U);
    EXPECT_EQ(taken(budget, now += 1h), TalkBudget::burst);
}

TEST(TalkBudget, BlocksPayForIt) {
    TimePoint now{};
    TalkBudget budget(now);
    (void)taken(budget, now);
    budget.on_block();
    EXPECT_EQ(taken(budget, now), TalkBudget::per_block);
    for (std::uint32_t i = 0; i < TalkBudget::burst; ++i) budget.on_block();
    EXPECT_EQ(taken(budget, now), TalkBudget::burst);
}

}  // namespace
}  // namespace spate::engine
