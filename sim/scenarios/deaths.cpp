#include "sim/scenarios/deaths.h"

#include "sim/fault_plan.h"

namespace spate::sim {

void plan_deaths(Host& host, Rng& rng, const DeathLimits& limits) {
    for (auto deaths = rng.below(limits.count); deaths > 0; --deaths) {
        const bool power = rng.chance(1, 2);
        host.disk().before_call(1 + rng.below(limits.calls), [&host, power, pause = limits.pause] {
            if (power)
                host.power_cut();
            else
                for (const auto& process : host.processes()) process->kill();
            auto& simulation = host.simulation();
            simulation.at(simulation.now() + pause, [&host] {
                host.power_on();
                host.start_wanted();
            });
        });
    }
}

void run_through_deaths(Testbed& testbed, Host& host, const DeathLimits& limits) {
    plan_deaths(host, testbed.simulation().rng(), limits);
    FaultLimits faults;
    faults.until = std::chrono::seconds(20);
    faults.groups = {FaultGroup::process, FaultGroup::power, FaultGroup::disk, FaultGroup::clock};
    faults.hosts = {&host};
    FaultPlan::draw(testbed, faults).apply(testbed);
    testbed.simulation().run_for(faults.until + std::chrono::seconds(1));
}

}  // namespace spate::sim
