// A long stream goes to another host and back while ways are cut and hosts die; in the end all of it came
// back right.
#include "sim/fault_plan.h"
#include "sim/scenarios/echo.h"
#include "sim/scenarios/table.h"

namespace spate::sim {

void run_echo_under_faults(Testbed& testbed) {
    auto& simulation = testbed.simulation();
    auto& rng = simulation.rng();
    auto& link = testbed.network().default_link();
    link.delay_max = simulation.between(std::chrono::milliseconds(1), std::chrono::milliseconds(150));
    link.bytes_per_second = 2'000 + rng.below(20'000);  // so that it lasts as long as the faults do
    HostSettings settings;
    settings.node.send_buffer = 1 + rng.below(65'536);
    settings.node.receive_buffer = 1 + rng.below(65'536);
    if (rng.chance(1, 2)) settings.node.send_buffer = settings.node.receive_buffer = 65'536;
    auto& server = testbed.add_host("server", settings);
    auto& client = testbed.add_host("client", settings);

    const auto board = std::make_shared<EchoBoard>();
    board->size = rng.chance(1, 10) ? rng.below(64) : 1 + rng.below(262'144);
    if (settings.node.send_buffer < 256 || settings.node.receive_buffer < 256) board->size %= 2048;
    simulation.check_always([board] { return board->complaint; });
    server.run("echo", [](const ProgramStart& start) {
        return std::make_shared<EchoServer>(start.world, 7000, HeaderReading::any_split);
    });
    client.run("sender", [board](const ProgramStart& start) {
        return std::make_shared<EchoClient>(start.world, "server", 7000, board);
    });

    FaultLimits limits;
    limits.groups = {FaultGroup::network, FaultGroup::process, FaultGroup::power, FaultGroup::clock};
    FaultPlan::draw(testbed, limits).apply(testbed);
    const auto finished = [&] { return board->returned == board->size; };
    simulation.run_until(finished, limits.until);
    if (!simulation.run_until(finished, std::chrono::minutes(30))) {
        simulation.fail("after all faults healed only " + std::to_string(board->returned) + " of " +
                        std::to_string(board->size) + " octets came back");
    }
}

}  // namespace spate::sim
