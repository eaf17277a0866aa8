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

TEST(BufferBudget, WhatIsKeptIsHeldAndCapped) {
    BufferBudget budget(1024 * KiB);
    std::vector<Buffer> held;
    for (int i = 0; i < 4; ++i) held.push_back(budget.take(256 * KiB));
    EXPECT_EQ(budget.held(), 1024 * KiB);
    held.resize(1);
    EXPECT_EQ(budget.used(), 256 * KiB);
    EXPECT_EQ(budget.held(), (256 + 512) * KiB) << "a half is kept";
    for (int i = 0; i < 64; ++i) held.push_back(budget.take(16 * KiB));
    EXPECT_LE(budget.held(), budget.used() + 256 * KiB) << "at the limit a quarter";
    held.clear();
    EXPECT_EQ(budget.used(), 0U);
    EXPECT_LE(budget.held(), 512 * KiB);
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

TEST(BufferBudget, ThoseOfSeveralThreadsKeepOneLimitAndNoneStarves) {
    Ledger ledger(8 << 20, 2);
    BufferBudget greedy(ledger), late(ledger);
    std::vector<Buffer> held;
    while (greedy.accepting()) held.push_back(greedy.take(256 * KiB));
    EXPECT_EQ(greedy.used(), 6U << 20) << "its own quarter and the half that is anybody's";
    std::vector<Buffer> others;
    while (late.accepting()) others.push_back(late.take(256 * KiB));
    EXPECT_EQ(late.used(), 2U << 20);
    EXPECT_LE(greedy.limit() + late.limit(), 8U << 20);
    // What one gives back the other may have.
    held.resize(4);
    EXPECT_TRUE(greedy.accepting());
    others.resize(4);
    EXPECT_TRUE(late.accepting());
    while (late.accepting()) others.push_back(late.take(256 * KiB));
    EXPECT_GE(late.used(), 5U << 20);
    EXPECT_LE(greedy.limit() + late.limit(), 8U << 20);
}

TEST(BufferBudget, WhatWasDrawnIsTheOthersWhenAllIsGivenBackAndNobodyAsks) {
    Ledger ledger(8192 * KiB, 2);
    BufferBudget done(ledger), goes_on(ledger);
    std::vector<Buffer> held;
    while (done.accepting()) held.push_back(done.take(256 * KiB));
    held.resize(10);
    done.report_space();
    EXPECT_TRUE(done.accepting());
    held.clear();
    done.report_space();
    while (goes_on.accepting()) held.push_back(goes_on.take(256 * KiB));
    EXPECT_GE(goes_on.used(), 5U << 20);
    EXPECT_LE(done.limit() + goes_on.limit(), 8U << 20);
}

}  // namespace
}  // namespace spate::piece_store
