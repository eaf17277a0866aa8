#include "piece_store/buffer_budget.h"

#include <gtest/gtest.h>
#include <vector>

namespace spate::piece_store {
namespace {

constexpr std::size_t KiB = 1024;

TEST(BufferBudget, WhatIsGivenBackIsUsedAgainEvenBeyondTheLimit) {
    BufferBudget budget(1024 * KiB);
    std::vector<Buffer> held;
    for (int i = 0; i < 8; ++i) held.push_back(budget.take(256 * KiB));
    EXPECT_GT(budget.used(), budget.limit());
    const auto* const warm = held.back().data();
    held.pop_back();
    EXPECT_EQ(budget.take(256 * KiB).data(), warm);
}

TEST(BufferBudget, StopsAtItsLimitUntilAQuarterIsFree) {
    BufferBudget budget(1024 * KiB);
    int told = 0;
    budget.set_on_space([&] { ++told; });
    std::vector<Buffer> held;
    for (int i = 0; i < 4; ++i) {
        EXPECT_TRUE(budget.accepting());
        held.push_back(budget.take(256 * KiB));
    }
    EXPECT_FALSE(budget.accepting());
    held.back() = budget.take(128 * KiB);
    budget.report_space();
    EXPECT_FALSE(budget.accepting());
    EXPECT_EQ(told, 0);
    held.pop_back();
    budget.report_space();
    EXPECT_EQ(told, 1);
    EXPECT_TRUE(budget.accepting());
}

}  // namespace
}  // namespace spate::piece_store
