// What holds for every scenario there is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/scenario.h"

namespace spate::sim {
namespace {

TEST(Scenarios, EachPassesAndIsTheSameRunForTheSameSeed) {
    for (const auto& scenario : scenarios()) {
        for (std::uint64_t seed = 1; seed <= (scenario.heavy ? 1U : 3U); ++seed) {
            SCOPED_TRACE(std::string(scenario.name) + " seed " + std::to_string(seed));
            const auto first = run_scenario(scenario, seed, {});
            const auto second = run_scenario(scenario, seed, {});
            EXPECT_EQ(first.failure, std::nullopt);
            EXPECT_EQ(first.log_hash, second.log_hash);
            EXPECT_EQ(first.marks, second.marks);
        }
    }
}

TEST(Scenarios, HaveNamesOfTheirOwnByWhichTheyAreFound) {
    for (const auto& scenario : scenarios()) EXPECT_EQ(find_scenario(scenario.name), &scenario);
    EXPECT_EQ(find_scenario("no such thing"), nullptr);
}

}  // namespace
}  // namespace spate::sim
