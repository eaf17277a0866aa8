// The demo of the classic system: five senders with a fifth each, five receivers that start first or later;
// without faults, under faults, and among peers that do wrong.
#include "sim/fault_plan.h"
#include "sim/scenarios/classic_swarm.h"
#include "sim/scenarios/table.h"

namespace spate::sim {
namespace {

std::uint64_t draw_size(Rng& rng) {
    if (rng.chance(1, 12)) return rng.below(40);  // parts of a byte or none
    return rng.below(rng.chance(1, 8) ? 400'000 : 60'000);
}

void run_to_the_end(Testbed& testbed, const ClassicSwarm& swarm, Duration faults, Duration afterwards) {
    auto& simulation = testbed.simulation();
    simulation.run_until([] { return false; }, faults);
    if (simulation.failure() || simulation.run_until([&] { return swarm.all_done(); }, afterwards)) return;
    std::string late;
    for (std::size_t i = 0; i < swarm.receivers().size(); ++i)
        if (swarm.progress(i).done == 0)
            late += " " + swarm.receivers()[i]->name() + " (" + std::to_string(swarm.progress(i).received) +
                    " bytes)";
    simulation.fail("without the file of " + std::to_string(swarm.file().size()) +
                    " bytes in the end:" + late);
}

}  // namespace

void run_classic_demo(Testbed& testbed) {
    SwarmSettings settings;
    settings.size = draw_size(testbed.simulation().rng());
    const ClassicSwarm swarm(testbed, settings);
    run_to_the_end(testbed, swarm, {}, std::chrono::seconds(30));
    for (std::size_t i = 0; i < swarm.receivers().size(); ++i) {
        const auto& progress = swarm.progress(i);
        if (progress.received != settings.size || progress.ended_without != 0)
            testbed.simulation().fail("a receiver needed " + std::to_string(progress.received) +
                                      " bytes and " + std::to_string(progress.ended_without) +
                                      " attempts too many");
        const std::string sentence =
            "I am client_" + std::to_string(i + 6) + ", and I received the file correctly!";
        if (progress.sentences != std::vector{sentence})
            testbed.simulation().fail("a receiver's sentence is missing");
    }
}

void run_classic_demo_under_faults(Testbed& testbed) {
    auto& rng = testbed.simulation().rng();
    SwarmSettings settings;
    settings.size = draw_size(rng);
    settings.seed = rng.chance(1, 2);
    testbed.network().default_link().bytes_per_second = rng.chance(1, 2) ? 2'000 + rng.below(50'000) : 0;
    const ClassicSwarm swarm(testbed, settings);
    FaultLimits limits;
    limits.count_max = 20;
    limits.groups = {FaultGroup::network, FaultGroup::process, FaultGroup::power, FaultGroup::disk,
                     FaultGroup::clock};
    FaultPlan::draw(testbed, limits).apply(testbed);
    run_to_the_end(testbed, swarm, limits.until, std::chrono::minutes(10));
}

void run_classic_evil_peers(Testbed& testbed) {
    auto& rng = testbed.simulation().rng();
    SwarmSettings settings;
    settings.size = 1 + draw_size(rng);
    settings.senders = 2;
    settings.receivers = 2;
    settings.whole_senders = true;
    const std::uint64_t count = 1 + rng.below(3);
    for (std::uint64_t i = 0; i < count; ++i)
        settings.evil.push_back(static_cast<Evil>(rng.below(evil_kinds)));
    const ClassicSwarm swarm(testbed, settings);
    run_to_the_end(testbed, swarm, {}, std::chrono::minutes(10));
    for (std::size_t i = 0; i < swarm.receivers().size(); ++i)
        for (const std::string& wrong : swarm.progress(i).shown_wrong)
            for (Host* sender : swarm.senders())
                if (sender->address().text() == wrong)
                    testbed.simulation().fail("an honest sender was shown wrong");
}

}  // namespace spate::sim
