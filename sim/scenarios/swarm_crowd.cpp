// Machines that hold every place for a connection at a seed and say nothing, or that they are interested,
// keep nobody from it.
#include "sim/scenarios/swarm_torrents.h"
#include "sim/scenarios/table.h"

namespace spate::sim {
namespace {
constexpr std::size_t crowd_machines = 7;  // of which each may have 32 connections
constexpr std::uint32_t places = 128;
}  // namespace

void run_swarm_crowd(Testbed& testbed) {
    auto& simulation = testbed.simulation();
    TorrentSwarmSettings settings;
    settings.leechers = 1 + simulation.rng().below(4);
    settings.size_max = 400'000;
    const bool interested = simulation.rng().chance(1, 2);
    settings.evil.assign(crowd_machines, interested ? EvilKind::never_asks : EvilKind::silent);
    settings.change = [](std::size_t, MemberSettings& member) {
        member.session.limits.up = 0;
        member.session.torrent_connections_max = places;
    };
    TorrentSwarm swarm(testbed, settings);
    for (TorrentSwarm::Member& member : swarm.members())
        if (!member.seed) member.process->kill();
    simulation.run_for(std::chrono::seconds(10));
    const auto& seed = swarm.members().front().board->status;
    if (!seed || seed->peers < places)
        return simulation.fail("the crowd has " + std::to_string(seed ? seed->peers : 0) + " of the " +
                               std::to_string(places) + " places");
    simulation.mark("swarm: all places were taken");
    if (interested) simulation.mark("swarm: by peers that are interested");
    for (TorrentSwarm::Member& member : swarm.members())
        if (!member.seed) swarm.restart(member, [](engine::AddTorrent&) {});
    swarm.finish(std::chrono::seconds(10));
}

}  // namespace spate::sim
