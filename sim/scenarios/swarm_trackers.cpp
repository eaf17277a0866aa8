// Announces while trackers are dead, deaf, slow or lying, or die and come back: whoever shares one working
// tracker with the others finds them, and comes through what the others say.
#include <algorithm>

#include "sim/fault_plan.h"
#include "sim/scenarios/bad_tracker.h"
#include "sim/scenarios/swarm_torrents.h"
#include "sim/scenarios/table.h"

namespace spate::sim {
namespace {

using Manner = BadTracker::Manner;

constexpr const char* liar = "liar";

// Hosts where a tracker might be: no such name, none runs, a deaf one, one that no packet reaches; and a
// liar.
std::vector<std::string> add_bad_trackers(Testbed& testbed) {
    auto& simulation = testbed.simulation();
    auto& rng = simulation.rng();
    std::vector<std::string> names{"nobody.example"};
    for (const std::string name : {"dead", "deaf", "walled", liar}) {
        auto settings = draw_host_settings(rng);
        settings.node.firewalled = name == "walled";
        auto& host = testbed.add_host(name, std::move(settings));
        if (name != liar) names.push_back(name);
        if (name == "dead") continue;
        const auto manner = name == liar ? Manner::lying : Manner::silent;
        host.run("tracker", [&simulation, manner, seed = rng.next()](auto& start) {
            return std::make_shared<BadTracker>(start.world, simulation, manner, seed);
        });
    }
    return names;
}

std::string url_of(Rng& rng, const std::string& host) {
    return (rng.chance(1, 2) ? "http://" : "udp://") + host + ":3456/announce";
}

}  // namespace

void run_swarm_trackers(Testbed& testbed) {
    auto& simulation = testbed.simulation();
    auto& rng = simulation.rng();
    draw_ways(testbed);
    const auto bad = add_bad_trackers(testbed);
    TorrentSwarmSettings settings;
    settings.leechers = 1 + rng.below(4);
    settings.magnets = rng.below(2);
    settings.size_max = 300'000;
    settings.change = [&](std::size_t, MemberSettings& member) {
        auto& torrent = member.torrent;
        // A liar that is believed keeps its tier for itself: it has one.
        std::vector<std::vector<std::string>> tiers(2 + rng.below(2));
        for (auto count = 1 + rng.below(5); count > 0; --count)
            tiers[rng.below(tiers.size())].push_back(url_of(rng, bad[rng.below(bad.size())]));
        auto& tier = tiers.front();
        tier.insert(tier.begin() + static_cast<std::ptrdiff_t>(rng.below(tier.size() + 1)),
                    torrent.trackers[0]);
        const auto own = tier;
        if (rng.chance(1, 2)) tiers.push_back({url_of(rng, liar)});
        std::erase_if(tiers, [](const auto& one) { return one.empty(); });
        if (auto* whole = std::get_if<metainfo::Metainfo>(&torrent.what)) {
            torrent.trackers.clear();
            whole->trackers = tiers;
            std::shuffle(whole->trackers.begin(), whole->trackers.end(), rng);
        } else {
            torrent.trackers = own;
        }
    };
    TorrentSwarm swarm(testbed, settings);
    // The one that works is not always there either.
    FaultLimits limits;
    limits.until = std::chrono::seconds(120);
    limits.groups = {FaultGroup::process, FaultGroup::power, FaultGroup::network};
    limits.hosts = {&swarm.tracker()};
    FaultPlan::draw(testbed, limits).apply(testbed);
    simulation.run_for(limits.until);
    swarm.finish(std::chrono::minutes(90));
    swarm.stop_all();
}

}  // namespace spate::sim
