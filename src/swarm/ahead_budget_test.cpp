#include "swarm/ahead_budget.h"

#include <gtest/gtest.h>

namespace spate::swarm {
namespace {

TEST(AheadBudget, FollowsTheLinkBetweenItsBounds) {
    AheadBudget budget(16 << 10);
    EXPECT_EQ(budget.bytes(), AheadBudget::ahead_min);
    budget.set(5 << 20);
    EXPECT_EQ(budget.bytes(), 5U << 20);
    budget.set(UINT64_MAX);
    EXPECT_EQ(budget.bytes(), AheadBudget::ahead_most);
    EXPECT_EQ(AheadBudget(1 << 20).bytes(), 4U << 20);
}

TEST(AheadBudget, DoublesOnceForEachHalfThatWentOut) {
    AheadBudget budget(16 << 10);
    budget.on_dry();
    EXPECT_EQ(budget.bytes(), AheadBudget::ahead_min);
    budget.on_sent(AheadBudget::ahead_min / 2);
    budget.on_dry();
    budget.on_dry();
    EXPECT_EQ(budget.bytes(), AheadBudget::ahead_min * 2);
    budget.on_sent(AheadBudget::ahead_min);
    budget.on_taken_back(1);
    budget.on_dry();
    EXPECT_EQ(budget.bytes(), AheadBudget::ahead_min * 2);
    budget.fade();
    budget.fade();
    EXPECT_EQ(budget.bytes(), AheadBudget::ahead_min);
    for (int i = 0; i < 100; ++i) {
        budget.on_sent(AheadBudget::ahead_cap);
        budget.on_dry();
    }
    EXPECT_EQ(budget.bytes(), AheadBudget::ahead_cap);
}

}  // namespace
}  // namespace spate::swarm
