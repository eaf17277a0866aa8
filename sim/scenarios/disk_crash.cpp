// Records that were said to be safe are there after any kill, power cut and disk error; writing goes on once
// all heals.
#include "sim/scenarios/deaths.h"
#include "sim/scenarios/record_file.h"
#include "sim/scenarios/table.h"

namespace spate::sim {

void run_disk_crash(Testbed& testbed) {
    auto& simulation = testbed.simulation();
    auto& host = testbed.add_host("writer");
    testbed.add_host("bystander");
    const auto board = std::make_shared<RecordBoard>();
    simulation.check_always([board] { return board->complaint; });
    host.run("records", [board](const ProgramStart& start) {
        return std::make_shared<RecordWriter>(start.world, board, Durability::synced);
    });
    run_through_deaths(testbed, host, {});
    const auto goal = board->safe + 20;
    if (!simulation.run_until([&] { return board->safe >= goal; }, std::chrono::minutes(5))) {
        simulation.fail("after all faults healed no record became safe any more");
    }
}

}  // namespace spate::sim
