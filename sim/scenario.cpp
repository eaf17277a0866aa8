#include "sim/scenario.h"

namespace spate::sim {

Outcome run_scenario(const Scenario& scenario, std::uint64_t seed, EventLog::Sink sink, ScenarioSize size) {
    Testbed testbed(seed, size);
    auto& simulation = testbed.simulation();
    simulation.log().write_lines_to(std::move(sink));
    scenario.run(testbed);
    return {simulation.failure(), simulation.log().hash(), simulation.log().count(), simulation.elapsed(),
            simulation.log().marks()};
}

}  // namespace spate::sim
