// BitTorrent swarms with the real engine and tracker: without faults, under faults, among evil peers, and
// from magnet links.
#include <algorithm>

#include "sim/fault_plan.h"
#include "sim/scenarios/swarm_torrents.h"
#include "sim/scenarios/table.h"

namespace spate::sim {
namespace {

// Ways of every kind: near and far, fast and slow.
void draw_ways(Testbed& testbed) {
    auto& rng = testbed.simulation().rng();
    auto& link = testbed.network().default_link();
    if (rng.chance(1, 3)) {
        link.delay_min = std::chrono::milliseconds(20);
        link.delay_max = std::chrono::milliseconds(20 + rng.below(200));
    }
    if (rng.chance(1, 2)) link.bytes_per_second = 30'000 + rng.below(500'000);
}

// What goes over the wire in a swarm without faults is what must, and a little of the end game.
void check_costs(Testbed& testbed, const TorrentSwarm& swarm, std::uint64_t leechers) {
    std::uint64_t uploaded_by_seeds = 0;
    for (const auto& member : swarm.members()) {
        const auto& status = member.board->status;
        if (!status) continue;
        if (member.seed) uploaded_by_seeds += status->uploaded;
        if (status->wasted > swarm.size() / 4 + 16 * 16384)
            return testbed.simulation().fail(member.host->name() + " wasted " +
                                             std::to_string(status->wasted) + " bytes of " +
                                             std::to_string(swarm.size()));
    }
    if (uploaded_by_seeds > leechers * (swarm.size() + swarm.size() / 4 + 4 * 16384))
        testbed.simulation().fail("the seed sent " + std::to_string(uploaded_by_seeds) + " bytes");
}

// Deaths in the middle of the disk's work, which is where state is made and broken.
void plan_deaths(Host& host, Rng& rng) {
    for (auto deaths = rng.below(4); deaths > 0; --deaths) {
        const bool power = rng.chance(1, 2);
        host.disk().before_call(1 + rng.below(400), [&host, power] {
            if (power)
                host.power_cut();
            else
                for (const auto& process : host.processes()) process->kill();
            auto& simulation = host.simulation();
            simulation.at(simulation.now() + std::chrono::seconds(1), [&host] {
                host.power_on();
                host.start_wanted();
            });
        });
    }
}

}  // namespace

void run_swarm_transfer(Testbed& testbed) {
    auto& rng = testbed.simulation().rng();
    draw_ways(testbed);
    TorrentSwarmSettings settings;
    settings.leechers = rng.chance(1, 5) ? 10 + rng.below(11) : 2 + rng.below(5);
    settings.size_max = rng.chance(1, 4) ? 3'000'000 : 600'000;
    if (settings.leechers > 6) settings.size_max = 600'000;
    TorrentSwarm swarm(testbed, settings);
    swarm.finish(std::chrono::minutes(30));
    testbed.simulation().run_for(std::chrono::seconds(2));
    if (!testbed.simulation().failure()) check_costs(testbed, swarm, settings.leechers);
    swarm.stop_all();
}

void run_swarm_under_faults(Testbed& testbed) {
    auto& simulation = testbed.simulation();
    auto& rng = simulation.rng();
    draw_ways(testbed);
    TorrentSwarmSettings settings;
    settings.leechers = 2 + rng.below(4);
    settings.magnets = rng.chance(1, 3) ? 1 : 0;
    settings.size_max = 1'000'000;
    settings.hosts_fail = true;
    settings.grace = std::chrono::seconds(90);
    TorrentSwarm swarm(testbed, settings);
    FaultLimits limits;
    limits.until = std::chrono::seconds(10 + rng.below(50));
    limits.count_max = 16;
    limits.groups = {FaultGroup::network, FaultGroup::process, FaultGroup::power, FaultGroup::disk,
                     FaultGroup::clock};
    for (const auto& member : swarm.members()) limits.hosts.push_back(member.host);
    limits.hosts.push_back(&swarm.tracker());
    FaultPlan::draw(testbed, limits).apply(testbed);
    for (const auto& member : swarm.members())
        if (!member.seed && rng.chance(1, 3)) plan_deaths(*member.host, rng);
    simulation.run_for(limits.until + std::chrono::seconds(1));
    swarm.finish(std::chrono::minutes(60));
}

void run_swarm_evil_peers(Testbed& testbed) {
    auto& rng = testbed.simulation().rng();
    draw_ways(testbed);
    TorrentSwarmSettings settings;
    settings.leechers = 2 + rng.below(3);
    settings.size_max = 800'000;
    settings.magnets = rng.below(3);
    for (auto count = 1 + rng.below(4); count > 0; --count)
        settings.evil.push_back(static_cast<EvilKind>(rng.below(evil_swarm_kinds)));
    settings.only_v2 = std::ranges::find(settings.evil, EvilKind::false_hashes) != settings.evil.end();
    TorrentSwarm swarm(testbed, settings);
    swarm.finish(std::chrono::minutes(60));
}

void run_swarm_metadata(Testbed& testbed) {
    auto& rng = testbed.simulation().rng();
    draw_ways(testbed);
    TorrentSwarmSettings settings;
    settings.leechers = 1 + rng.below(5);
    settings.magnets = settings.leechers;
    settings.size_max = 400'000;
    settings.only_v2 = rng.chance(1, 2);
    TorrentSwarm swarm(testbed, settings);
    swarm.finish(std::chrono::minutes(30));
    swarm.stop_all();
}

}  // namespace spate::sim
