// What the swarms' scenarios are about must really happen in their runs.
#include <gtest/gtest.h>

#include "sim/scenario.h"
#include "sim/scenarios/swarm_evil_peer.h"

namespace spate::sim {
namespace {

using Marks = std::map<std::string, std::uint64_t, std::less<>>;

Marks run_seeds(std::string_view name, std::uint64_t seeds, ScenarioSize size = {}) {
    const auto* const scenario = find_scenario(name);
    EXPECT_NE(scenario, nullptr);
    Marks marks;
    for (std::uint64_t seed = 1; scenario != nullptr && seed <= seeds; ++seed) {
        const auto outcome = run_scenario(*scenario, seed, {}, size);
        EXPECT_EQ(outcome.failure, std::nullopt) << name << " seed " << seed;
        for (const auto& [mark, count] : outcome.marks) marks[mark] += count;
    }
    return marks;
}

TEST(SwarmScenarios, TransfersAreOfEveryKindOfTorrent) {
    Marks marks = run_seeds("swarm-transfer", 20);
    for (const char* const mark :
         {"swarm: v1", "swarm: v2", "swarm: hybrid", "swarm: have told and looked after"})
        EXPECT_GT(marks[mark], 0U) << mark;
}

// One percent is little of a content of some blocks, and much of this one.
TEST(SwarmScenarios, TheEndGameWastesLessThanOnePercent) {
    run_seeds("swarm-transfer", 4, {.bytes = 4'000'000});
}

TEST(SwarmScenarios, FaultsHitMembersWhileTheyTransfer) {
    Marks marks = run_seeds("swarm-under-faults", 60);
    for (const char* const mark : {"fault: kill", "fault: power cut", "fault: disk full",
                                   "swarm: a torrent waited for its disk", "swarm: checked at a start"})
        EXPECT_GT(marks[mark], 0U) << mark;
}

TEST(SwarmScenarios, EvilPeersOfEveryKindAreMetAndOnlyLiarsAreBanned) {
    Marks marks = run_seeds("swarm-evil-peers", 120);
    for (std::size_t kind = 0; kind < evil_swarm_kinds; ++kind) {
        const auto mark = "evil: " + std::string(name(static_cast<EvilKind>(kind)));
        EXPECT_GT(marks[mark], 0U) << mark;
    }
    EXPECT_GT(marks["swarm: who sent false bytes was banned"], 0U);
}

TEST(SwarmScenarios, MagnetsBecomeTorrents) {
    Marks marks = run_seeds("swarm-metadata", 12);
    EXPECT_GT(marks["swarm: metadata fetched"], 0U);
}

TEST(SwarmScenarios, EachKindOfMemberIsMet) {
    for (const char* const name : {"swarm-partial-seeds", "swarm-sequential", "swarm-slow-links",
                                   "swarm-slow-torrents", "publication"})
        run_seeds(name, 10);
    Marks marks = run_seeds("swarm-selection", 30);
    EXPECT_GT(marks["swarm: a part file"], 0U);
    EXPECT_GT(marks["swarm: more was wanted"], 0U);
    EXPECT_GT(marks["power cut"], 0U);
}

TEST(SwarmScenarios, PiecesWithDeadlinesAreAskedForFirst) {
    Marks marks = run_seeds("swarm-deadlines", 60);
    for (const char* const mark :
         {"fault: kill", "deadlines: set", "deadlines: set again after a restart", "deadlines: all came"})
        EXPECT_GT(marks[mark], 0U) << mark;
}

TEST(SwarmScenarios, TrackersAreDeafAndLying) {
    Marks marks = run_seeds("swarm-trackers", 40);
    EXPECT_GT(marks["bad tracker: answered"], 0U);
    EXPECT_GT(marks["fault: kill"], 0U);
}

TEST(SwarmScenarios, GreedyPeersAreOfOneRangeOrOfMany) {
    Marks marks = run_seeds("swarm-fairness", 3);
    EXPECT_GT(marks["swarm: greedy peers of one range"], 0U);
    EXPECT_GT(marks["swarm: greedy peers of many ranges"], 0U);
}

TEST(SwarmScenarios, ACrowdThatSaysNothingKeepsNobodyOut) {
    Marks marks = run_seeds("swarm-crowd", 6);
    EXPECT_EQ(marks["swarm: all places were taken"], 6U);
    EXPECT_GT(marks["swarm: by peers that are interested"], 0U);
}

}  // namespace
}  // namespace spate::sim
