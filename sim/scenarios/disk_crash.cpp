// Records that were said to be safe are there after any kill, power cut and disk error; writing goes on once
// all heals.
#include "sim/fault_plan.h"
#include "sim/scenarios/record_file.h"
#include "sim/scenarios/table.h"

namespace spate::sim {

void run_disk_crash(Testbed& testbed) {
    auto& simulation = testbed.simulation();
    auto& host = testbed.add_host("writer");
    testbed.add_host("bystander");
    const auto board = std::make_shared<RecordBoard>();
    simulation.check_always([board] { return board->complaint; });
    auto& process = host.run("records", [board](const ProgramStart& start) {
        return std::make_shared<RecordWriter>(start.world, board, Durability::synced);
    });
    // Deaths in the middle of the disk's work, too.
    auto& rng = simulation.rng();
    for (auto deaths = rng.below(6); deaths > 0; --deaths) {
        const bool power = rng.chance(1, 2);
        host.disk().before_call(1 + rng.below(500), [&host, &process, power] {
            if (power) {
                host.power_cut();
            } else {
                process.kill();
            }
            auto& sim = host.simulation();
            sim.at(sim.now() + std::chrono::milliseconds(100), [&host] {
                host.power_on();
                host.start_wanted();
            });
        });
    }
    FaultLimits limits;
    limits.until = std::chrono::seconds(20);
    limits.groups = {FaultGroup::process, FaultGroup::power, FaultGroup::disk, FaultGroup::clock};
    limits.hosts = {&host};
    FaultPlan::draw(testbed, limits).apply(testbed);
    simulation.run_for(limits.until + std::chrono::seconds(1));
    const auto goal = board->safe + 20;
    if (!simulation.run_until([&] { return board->safe >= goal; }, std::chrono::minutes(5))) {
        simulation.fail("after all faults healed no record became safe any more");
    }
}

}  // namespace spate::sim
