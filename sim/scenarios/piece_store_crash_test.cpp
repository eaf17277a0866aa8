// What the scenario is about must really happen in its runs.
#include <gtest/gtest.h>

#include "sim/scenario.h"

namespace spate::sim {
namespace {

TEST(PieceStoreCrash, RunsMeetWhatTheyAreAbout) {
    const auto* const scenario = find_scenario("piece-store-crash");
    ASSERT_NE(scenario, nullptr);
    std::map<std::string, std::uint64_t, std::less<>> marks;
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
        const auto outcome = run_scenario(*scenario, seed, {});
        EXPECT_EQ(outcome.failure, std::nullopt) << "seed " << seed;
        for (const auto& [name, count] : outcome.marks) marks[name] += count;
    }
    for (const char* const mark :
         {"piece store: began with a saved state", "piece store: trusted pieces at a start",
          "piece store: checked at a start", "piece store: a bad piece",
          "piece store: the disk refused a piece", "piece store: what the disk refused was written later",
          "piece store: blocks of an unfinished piece kept", "piece store: pieces lost by the disk",
          "piece store: moved", "piece store: a move failed", "piece store: a move was undone at a start",
          "fault: power cut", "fault: kill", "fault: disk full", "disk: all synced at once"})
        EXPECT_GT(marks[mark], 0u) << mark;
}

}  // namespace
}  // namespace spate::sim
