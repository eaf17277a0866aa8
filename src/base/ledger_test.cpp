#include "base/ledger.h"

#include <gtest/gtest.h>

namespace spate {
namespace {

TEST(Ledger, OneHolderHasAllOfIt) {
    Ledger ledger(3, 1);
    Slots slots(ledger);
    EXPECT_TRUE(slots.take() && slots.take() && slots.take());
    EXPECT_TRUE(slots.full());
    EXPECT_FALSE(slots.take());
    slots.give();
    EXPECT_FALSE(slots.full());
    EXPECT_EQ(slots.used(), 2U);
}

TEST(Ledger, WhoTakesAllThereIsLeavesTheOthersTheirPart) {
    Ledger ledger(24, 3);
    Slots greedy(ledger), late(ledger), third(ledger);
    while (greedy.take()) {
    }
    EXPECT_EQ(greedy.used(), 16U);
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(late.take());
    EXPECT_TRUE(late.full());
    EXPECT_FALSE(late.take());
    // What was drawn goes back first.
    greedy.give(2);
    EXPECT_TRUE(late.take() && late.take());
    EXPECT_TRUE(greedy.full());
    EXPECT_FALSE(third.full());
}

TEST(Ledger, AHolderThatIsGoneLeavesItsPart) {
    Ledger ledger(9, 2);
    Slots stays(ledger);
    {
        Slots goes(ledger);
        for (int i = 0; i < 5; ++i) EXPECT_TRUE(goes.take());
        goes.give(5);
    }
    for (int i = 0; i < 9; ++i) EXPECT_TRUE(stays.take());
    EXPECT_FALSE(stays.take());
}

TEST(Ledger, AnAllowanceGrowsByAllOrNothing) {
    Ledger ledger(100, 2);
    Allowance one(ledger), other(ledger);
    EXPECT_EQ(one.limit(), 25U);
    EXPECT_FALSE(one.grow(51));
    EXPECT_TRUE(one.can_grow(50));
    EXPECT_TRUE(one.grow(50));
    EXPECT_FALSE(other.can_grow(1));
    one.shrink(20);
    EXPECT_TRUE(other.grow(20));
    EXPECT_EQ(one.limit() + other.limit(), 100U);
    EXPECT_FALSE(Allowance(7).grow(1));
}

}  // namespace
}  // namespace spate
