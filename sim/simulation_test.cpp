#include "sim/simulation.h"

#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spate::sim {
namespace {

using namespace std::chrono_literals;

TEST(Simulation, RunsEventsInOrderOfTimeAndOnlyForward) {
    Simulation simulation(1);
    const auto start = simulation.now();
    std::vector<int> order;
    simulation.at(start + 2s, [&] { order.push_back(2); });
    simulation.at(start + 1s, [&] {
        order.push_back(1);
        simulation.at(start, [&] { order.push_back(0); });  // the past: at once
    });
    TimePoint last = start;
    simulation.check_always([&]() -> std::optional<std::string> {
        if (simulation.now() < last) return "time went back";
        last = simulation.now();
        return std::nullopt;
    });
    simulation.run_for(5s);
    EXPECT_THAT(order, testing::ElementsAre(1, 0, 2));
    EXPECT_EQ(simulation.now(), start + 5s);
    EXPECT_FALSE(simulation.failure());
}

TEST(Simulation, OrderWithinAnInstantIsDrawnFromTheSeed) {
    const auto order = [](std::uint64_t seed) {
        Simulation simulation(seed);
        std::vector<int> numbers;
        for (int i = 0; i < 20; ++i) simulation.at(simulation.now(), [&, i] { numbers.push_back(i); });
        simulation.run_for(1s);
        return numbers;
    };
    EXPECT_EQ(order(7), order(7));
    EXPECT_NE(order(7), order(8));
}

TEST(Simulation, CancelledEventsDoNotRun) {
    Simulation simulation(1);
    int ran = 0;
    auto kept = simulation.schedule(simulation.now() + 1s, [&] { ++ran; });
    {
        const auto dropped = simulation.schedule(simulation.now() + 1s, [&] { ran += 10; });
        EXPECT_TRUE(dropped.pending());
    }
    auto replaced = simulation.schedule(simulation.now() + 1s, [&] { ran += 100; });
    replaced = simulation.schedule(simulation.now() + 2s, [&] { ran += 1000; });
    simulation.run_for(5s);
    EXPECT_EQ(ran, 1001);
    EXPECT_FALSE(kept.pending());
}

TEST(Simulation, EventsNotRunMayCancelOthersWhenItEnds) {
    auto simulation = std::make_unique<Simulation>(1);
    auto inner = std::make_shared<ScheduledEvent>(simulation->schedule(simulation->now() + 1s, [] {}));
    simulation->at(simulation->now() + 1s, [held = std::move(inner)] {});
    simulation.reset();
}

TEST(Simulation, CheckersEndTheRun) {
    Simulation simulation(1);
    int events = 0;
    for (int i = 0; i < 10; ++i) simulation.at(simulation.now() + i * 1s, [&] { ++events; });
    simulation.check_always([&]() -> std::optional<std::string> {
        return events == 3 ? std::optional<std::string>("three") : std::nullopt;
    });
    EXPECT_FALSE(simulation.run_until([] { return false; }, 1h));
    EXPECT_EQ(events, 3);
    EXPECT_EQ(simulation.failure(), "three");
}

TEST(Simulation, ChecksAtIntervals) {
    Simulation simulation(1);
    int asked = 0;
    simulation.check_every(1s, [&]() -> std::optional<std::string> {
        ++asked;
        return std::nullopt;
    });
    simulation.run_for(10s);
    EXPECT_EQ(asked, 10);
}

TEST(Simulation, FindsThatSomethingSpins) {
    Simulation simulation(1);
    std::function<void()> spin = [&] { simulation.at(simulation.now(), [&] { spin(); }); };
    spin();
    simulation.run_for(1s);
    EXPECT_THAT(simulation.failure().value_or(""), testing::HasSubstr("spins"));
}

TEST(EventLog, HashTellsTimeNameTextAndNumbersApart) {
    const auto hash = [](Duration time, std::string_view who, std::string_view what, std::uint64_t number) {
        EventLog log;
        log.record(time, who, what, {number});
        return log.hash();
    };
    const auto base = hash(1s, "a", "b", 1);
    EXPECT_EQ(base, hash(1s, "a", "b", 1));
    EXPECT_NE(base, hash(2s, "a", "b", 1));
    EXPECT_NE(base, hash(1s, "ab", "", 1));
    EXPECT_NE(base, hash(1s, "a", "c", 1));
    EXPECT_NE(base, hash(1s, "a", "b", 2));
}

TEST(EventLog, GivesLinesToItsSink) {
    EventLog log;
    std::vector<std::string> lines;
    log.write_lines_to([&](std::string_view line) { lines.emplace_back(line); });
    log.record(1500ms, "host/program", "read", {7, 42});
    EXPECT_THAT(lines, testing::ElementsAre("1.500000000 host/program read 7 42"));
}

}  // namespace
}  // namespace spate::sim
