// Scenario: one story that is run under many seeds. To add one: a file in sim/scenarios/ with its function,
// and a row in sim/scenarios/table.cpp. The function builds hosts, starts processes, hangs checkers, draws a
// FaultPlan and runs the simulation; it calls simulation().fail() when something is wrong (the first reason
// counts).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sim/event_log.h"
#include "sim/testbed.h"

namespace spate::sim {

struct Scenario {
    std::string_view name;
    std::string_view about;
    void (*run)(Testbed&);
    bool heavy = false;  // seconds a run: tests take one seed
};

struct Outcome {
    std::optional<std::string> failure;
    std::uint64_t log_hash = 0;
    std::uint64_t events = 0;
    Duration simulated{};
    std::map<std::string, std::uint64_t, std::less<>> marks;
};

// `sink` may be empty.
Outcome run_scenario(const Scenario& scenario, std::uint64_t seed, EventLog::Sink sink,
                     ScenarioSize size = {});

// All there are (sim/scenarios/table.cpp).
std::span<const Scenario> scenarios();
const Scenario* find_scenario(std::string_view name);

}  // namespace spate::sim
