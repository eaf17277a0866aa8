// BitTorrent swarms with the real engine and tracker: without faults, under faults, among evil peers, from
// magnet links, and large ones.
#include <algorithm>
#include <array>

#include "sim/fault_plan.h"
#include "sim/scenarios/deaths.h"
#include "sim/scenarios/swarm_torrents.h"
#include "sim/scenarios/table.h"

namespace spate::sim {
namespace {

// What goes over the wire in a swarm without faults is what must, and less than one percent for the end game;
// in contents of a few blocks some more of them: of one leecher up to 24, as each of the last dozen may be
// asked of three peers, and answers behind slow links cross with their cancels; of all six each.
void check_costs(Testbed& testbed, const TorrentSwarm& swarm, std::uint64_t leechers) {
    constexpr std::uint64_t block = 16384;
    std::uint64_t uploaded_by_seeds = 0;
    std::uint64_t wasted = 0;
    for (const auto& member : swarm.members()) {
        const auto& status = member.board->status;
        if (!status) continue;
        if (member.seed) uploaded_by_seeds += status->uploaded;
        testbed.simulation().record(member.host->name(), "wasted, of", {status->wasted, swarm.size()});
        wasted += status->wasted;
        if (status->wasted > swarm.size() / 100 + 24 * block)
            return testbed.simulation().fail(member.host->name() + " wasted " +
                                             std::to_string(status->wasted) + " bytes of " +
                                             std::to_string(swarm.size()));
    }
    if (wasted > leechers * (swarm.size() / 100 + 6 * block))
        return testbed.simulation().fail("the leechers wasted " + std::to_string(wasted) + " bytes of " +
                                         std::to_string(leechers * swarm.size()));
    if (uploaded_by_seeds > leechers * (swarm.size() + swarm.size() / 4 + 4 * block))
        testbed.simulation().fail("the seed sent " + std::to_string(uploaded_by_seeds) + " bytes");
}

}  // namespace

void run_swarm_transfer(Testbed& testbed) {
    auto& rng = testbed.simulation().rng();
    draw_ways(testbed);
    TorrentSwarmSettings settings;
    settings.leechers = rng.chance(1, 5) ? 10 + rng.below(11) : 2 + rng.below(5);
    settings.size_max = rng.chance(1, 4) ? 3'000'000 : 600'000;
    if (settings.leechers > 6) settings.size_max = 600'000;
    if (testbed.size().bytes != 0) settings.sizes = {testbed.size().bytes};
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
        if (!member.seed && rng.chance(1, 3))
            plan_deaths(*member.host, rng, {.count = 4, .calls = 400, .pause = std::chrono::seconds(1)});
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
    static constexpr std::array liars{EvilKind::metadata_size, EvilKind::false_metadata,
                                      EvilKind::metadata_flood, EvilKind::extension_games};
    if (rng.chance(1, 2))
        for (auto count = 1 + rng.below(3); count > 0; --count)
            settings.evil.push_back(liars[rng.below(liars.size())]);
    TorrentSwarm swarm(testbed, settings);
    swarm.finish(std::chrono::minutes(30));
    swarm.stop_all();
}

// Many peers, of which some fail; each ends with every byte.
void run_swarm_large(Testbed& testbed) {
    auto& simulation = testbed.simulation();
    auto& rng = simulation.rng();
    draw_ways(testbed);
    TorrentSwarmSettings settings;
    const auto peers = testbed.size().peers != 0 ? testbed.size().peers : 20 + rng.below(31);
    settings.seeds = 1 + static_cast<int>(rng.below(2));
    settings.leechers = peers - static_cast<std::uint64_t>(settings.seeds);
    settings.magnets = settings.leechers / 10;
    settings.sizes = {testbed.size().bytes != 0 ? testbed.size().bytes : 200'000 + rng.below(300'000)};
    settings.hosts_fail = true;
    settings.grace = std::chrono::seconds(90);
    TorrentSwarm swarm(testbed, settings);
    FaultLimits limits;
    limits.until = std::chrono::seconds(30);
    limits.count_max = peers;
    limits.groups = {FaultGroup::network, FaultGroup::process, FaultGroup::power, FaultGroup::disk};
    for (const auto& member : swarm.members()) limits.hosts.push_back(member.host);
    FaultPlan::draw(testbed, limits).apply(testbed);
    simulation.run_for(limits.until + std::chrono::seconds(1));
    swarm.finish(std::chrono::minutes(60));
}

}  // namespace spate::sim
