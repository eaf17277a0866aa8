// The machinery as a whole: equal seeds give equal runs, every kind of fault happens, planted bugs are found.
#include "sim/scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/fault_plan.h"
#include "sim/scenarios/echo.h"
#include "sim/scenarios/record_file.h"
#include "sim/scenarios/table.h"
#include "sim/test_programs.h"

namespace spate::sim {
namespace {

using namespace std::chrono_literals;

const Scenario self_scenarios[] = {{"echo-under-faults", "", run_echo_under_faults},
                                   {"disk-crash", "", run_disk_crash}};

TEST(Scenario, EqualSeedsGiveEqualLogsAndOthersDoNot) {
    for (const auto& scenario : self_scenarios) {
        SCOPED_TRACE(scenario.name);
        std::set<std::uint64_t> hashes;
        for (std::uint64_t seed = 1; seed <= 10; ++seed) {
            std::uint64_t lines = 0;
            const auto first = run_scenario(scenario, seed, [&](std::string_view) { ++lines; });
            const auto second = run_scenario(scenario, seed, {});
            EXPECT_EQ(first.failure, std::nullopt);
            EXPECT_EQ(first.log_hash, second.log_hash);
            EXPECT_EQ(first.marks, second.marks);
            EXPECT_EQ(lines, first.events);
            hashes.insert(first.log_hash);
        }
        EXPECT_EQ(hashes.size(), 10u);
    }
}

TEST(FaultPlan, EveryKindHappensAndAllIsHealedInTheEnd) {
    std::set<std::string, std::less<>> met;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        Pair pair(seed);
        FaultLimits limits;
        limits.until = 30s;
        limits.count_max = 30;
        limits.groups = {FaultGroup::network, FaultGroup::corruption, FaultGroup::process,
                         FaultGroup::power,   FaultGroup::disk,       FaultGroup::clock};
        const auto plan = FaultPlan::draw(pair.testbed, limits);
        EXPECT_LE(plan.faults().size(), 30u);
        plan.apply(pair.testbed);
        pair.run_for(31s);
        for (const auto& [name, count] : pair.simulation().log().marks()) met.insert(name);
        EXPECT_TRUE(pair.near_process.running() && pair.far_process.running());
        EXPECT_EQ(pair.near.disk().faults().read_error, 0u);
        EXPECT_EQ(pair.near.node().settings.accept_failure, 0u);
        pair.listen();
        EXPECT_FALSE(pair.try_connect());
    }
    for (const auto kind : FaultPlan::kinds())
        EXPECT_TRUE(met.contains("fault: " + std::string(kind))) << kind;
}

TEST(FaultPlan, KeepsToItsGroupsAndHosts) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        Pair pair(seed);
        FaultLimits limits;
        limits.groups = {FaultGroup::process, FaultGroup::disk};
        limits.hosts = {&pair.far};
        const auto plan = FaultPlan::draw(pair.testbed, limits);
        for (const auto& fault : plan.faults()) {
            EXPECT_EQ(fault.host, &pair.far);
            EXPECT_THAT(FaultPlan::name(fault),
                        testing::AnyOf("kill", "pause", "disk full", "disk fails", "disk slow"));
            EXPECT_LE(fault.start, fault.end);
            EXPECT_LE(fault.end, limits.until);
        }
    }
}

// The canaries: each has a bug planted. A simulator that does not find it within 1,000 seeds is broken.

template <class Run>
std::optional<std::uint64_t> first_failing_seed(Run run) {
    for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
        Testbed testbed(seed);
        run(testbed);
        if (testbed.simulation().failure()) return seed;
    }
    return std::nullopt;
}

void echo_run(Testbed& testbed, HeaderReading header_reading) {
    const auto board = std::make_shared<EchoBoard>();
    board->size = 100;
    auto& simulation = testbed.simulation();
    simulation.check_always([board] { return board->complaint; });
    testbed.add_host("server").run("echo", [header_reading](const ProgramStart& start) {
        return std::make_shared<EchoServer>(start.world, 7000, header_reading);
    });
    testbed.add_host("client").run("sender", [board](const ProgramStart& start) {
        return std::make_shared<EchoClient>(start.world, "server", 7000, board);
    });
    if (!simulation.run_until([&] { return board->returned == board->size; }, 5min))
        simulation.fail("not finished");
}

TEST(Canary, AssumingWholeReadsIsFound) {
    EXPECT_TRUE(first_failing_seed([](Testbed& testbed) { echo_run(testbed, HeaderReading::whole); }));
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        Testbed testbed(seed);
        echo_run(testbed, HeaderReading::any_split);
        EXPECT_EQ(testbed.simulation().failure(), std::nullopt);
    }
}

void record_run(Testbed& testbed, Durability durability) {
    const auto board = std::make_shared<RecordBoard>();
    auto& simulation = testbed.simulation();
    simulation.check_always([board] { return board->complaint; });
    auto& host = testbed.add_host("writer");
    host.run("records", [=](const ProgramStart& start) {
        return std::make_shared<RecordWriter>(start.world, board, durability);
    });
    simulation.run_for(simulation.between(1s, 5s));
    host.power_cut();
    host.power_on();
    if (!simulation.run_until([&] { return board->recoveries == 2; }, 1min))
        simulation.fail("did not recover");
}

TEST(Canary, StateWithoutSyncIsFound) {
    EXPECT_TRUE(first_failing_seed([](Testbed& testbed) { record_run(testbed, Durability::hoped_for); }));
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        Testbed testbed(seed);
        record_run(testbed, Durability::synced);
        EXPECT_EQ(testbed.simulation().failure(), std::nullopt);
    }
}

}  // namespace
}  // namespace spate::sim
