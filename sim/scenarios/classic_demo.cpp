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

// What is claimed is audited for a while longer.
constexpr Duration audit_time = std::chrono::seconds(3);

void run_to_the_end(Testbed& testbed, const ClassicSwarm& swarm, Duration faults, Duration afterwards) {
    auto& simulation = testbed.simulation();
    simulation.run_for(faults);
    if (simulation.failure()) return;
    if (simulation.run_until([&] { return swarm.all_done(); }, afterwards))
        return simulation.run_for(audit_time);
    std::string late;
    for (std::size_t i = 0; i < swarm.receivers().size(); ++i)
        if (swarm.progress(i).done == 0)
            late += " " + swarm.receivers()[i]->name() + " (" + std::to_string(swarm.progress(i).received) +
                    " bytes)";
    simulation.fail("without the file of " + std::to_string(swarm.file().size()) +
                    " bytes in the end:" + late);
}

// Deaths in the middle of the disk's work, which is where state is made and broken.
void plan_deaths_at_work(Host& host, Rng& rng) {
    for (auto deaths = rng.below(4); deaths > 0; --deaths) {
        const bool power = rng.chance(1, 2);
        const auto back = std::chrono::milliseconds(100 + rng.below(5'000));
        host.disk().before_call(1 + rng.below(400), [&host, power, back] {
            if (power)
                host.power_cut();
            else
                for (const auto& process : host.processes()) process->kill();
            auto& simulation = host.simulation();
            simulation.at(simulation.now() + back, [&host] {
                host.power_on();
                host.start_wanted();
            });
        });
    }
}

// Ways between peers, both ways of meeting: the tracker's and the auditor's stay clean.
void plan_corruption(Testbed& testbed, const ClassicSwarm& swarm, Duration until) {
    auto& simulation = testbed.simulation();
    auto& rng = simulation.rng();
    auto peers = swarm.senders();
    peers.insert(peers.end(), swarm.receivers().begin(), swarm.receivers().end());
    const auto corrupt = [&testbed](NodeId from, NodeId to, PerMillion rate) {
        auto link = testbed.network().link(from, to);
        link.corrupt = rate;
        testbed.network().set_link(from, to, link);
    };
    for (auto ways = 1 + rng.below(5); ways > 0; --ways) {
        const NodeId from = peers[rng.below(peers.size())]->id();
        const NodeId to = peers[rng.below(peers.size())]->id();
        if (from == to) continue;
        const PerMillion rate = rng.chance(1, 2) ? 5'000 : 100'000;
        const auto start = simulation.now() + simulation.between(Duration::zero(), until / 2);
        const auto end = start + simulation.between(Duration::zero(), until / 2);
        simulation.at(start, [&simulation, corrupt, from, to, rate] {
            simulation.mark("fault: bytes corrupted between peers");
            corrupt(from, to, rate);
        });
        simulation.at(end, [corrupt, from, to] { corrupt(from, to, 0); });
    }
}

}  // namespace

void run_classic_demo(Testbed& testbed) {
    SwarmSettings settings;
    settings.size = draw_size(testbed.simulation().rng());
    settings.possession = tracker::Possession::require;
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
    settings.bytes_come_wrong = rng.chance(1, 3);
    if (settings.bytes_come_wrong) settings.receiver_timeout = std::chrono::minutes(1);
    const bool slow = rng.chance(1, 2);
    testbed.network().default_link().bytes_per_second = slow ? 2'000 + rng.below(50'000) : 0;
    // Who must prove that it has the file needs a way on which the proof fits into its second.
    settings.possession =
        !slow && rng.chance(1, 2) ? tracker::Possession::require : tracker::Possession::warn;
    ClassicSwarm swarm(testbed, settings);
    FaultLimits limits;
    // The senders have announced all after eight seconds: in many runs the faults come while files are made.
    limits.until = std::chrono::seconds(rng.chance(1, 3) ? 60 : 10 + rng.below(10));
    limits.count_max = 20;
    limits.groups = {FaultGroup::network, FaultGroup::process, FaultGroup::power, FaultGroup::disk,
                     FaultGroup::clock};
    limits.hosts = swarm.receivers();
    limits.hosts.insert(limits.hosts.end(), swarm.senders().begin(), swarm.senders().end());
    limits.hosts.insert(limits.hosts.end(), 5, &swarm.tracker());  // as likely as any other role
    FaultPlan::draw(testbed, limits).apply(testbed);
    if (rng.chance(1, 4)) plan_deaths_at_work(swarm.tracker(), rng);
    if (rng.chance(1, 4)) plan_deaths_at_work(*swarm.receivers().front(), rng);
    if (settings.bytes_come_wrong) plan_corruption(testbed, swarm, limits.until);
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
