// Row 35 of what peers do to each other: a few machines of one address range, or peers that only take, cannot
// have what the others need.
#include <algorithm>

#include "sim/scenarios/swarm_torrents.h"
#include "sim/scenarios/table.h"

namespace spate::sim {
namespace {

constexpr std::uint64_t seed_rate = 200'000;

// A range has a quarter of the slots while others wait. A slot of theirs carries up to 2.2 times the bytes of
// another: they always have eight blocks waiting, while leechers also ask each other. Of 18 runs among seeds
// 1 to 40 the mean is 36 %, the most 45; peers of many ranges, whom nothing bounds, have 88 to 98.
constexpr std::uint64_t range_percent_max = 50;

// Machines far from each other: local ones are served besides the slots.
HostSettings far_machine(std::uint8_t range, std::uint8_t number, std::uint64_t up) {
    HostSettings machine;
    machine.node.addresses = {Address::v4(60, range, 2, number)};
    machine.node.up_bytes_per_second = up;
    machine.node.receive_buffer = 16384;  // what waits in a slow way's queue
    return machine;
}

}  // namespace

void run_swarm_fairness(Testbed& testbed) {
    auto& simulation = testbed.simulation();
    auto& rng = simulation.rng();
    TorrentSwarmSettings settings;
    settings.leechers = 8 + rng.below(5);
    const std::size_t greedy = 20 + rng.below(11);
    const bool one_range = rng.chance(1, 2);
    settings.evil.assign(greedy, EvilKind::free_rider);
    settings.sizes = {testbed.size().bytes != 0 ? testbed.size().bytes : 1'000'000 + rng.below(500'000)};
    settings.piece_length = 16384;
    const std::size_t members = 1 + settings.leechers;
    settings.machine = [&](std::size_t number) {
        const auto octet = static_cast<std::uint8_t>(number + 1);
        if (number >= members && one_range) return far_machine(200, octet, 0);
        return far_machine(octet, octet, number == 0 ? seed_rate : seed_rate / 2);
    };
    settings.change = [](std::size_t number, MemberSettings& member) {
        member.session.limits.up = 0;
        member.session.torrent_connections_max = 128;
        member.torrent.super_seed = engine::SuperSeed::off;
        member.session.upload_slots = number == 0 ? 8 : 4;
    };
    TorrentSwarm swarm(testbed, settings);
    const auto& seed = swarm.members().front();
    const auto to_greedy = [&] { return swarm.taken_from(seed); };
    const auto given = [&] { return seed.board->status ? seed.board->status->uploaded : 0; };
    // From the seed's first rounds to the first leecher that has all.
    simulation.run_for(std::chrono::seconds(12));
    const std::uint64_t greedy_before = to_greedy();
    const std::uint64_t given_before = given();
    const auto one_has_all = [&] {
        return std::ranges::any_of(swarm.members(),
                                   [](const auto& member) { return !member.seed && member.board->finished; });
    };
    simulation.run_until(one_has_all, std::chrono::minutes(60));
    const std::uint64_t to_them = to_greedy() - greedy_before;
    const std::uint64_t to_all = given() - given_before;
    swarm.finish(std::chrono::minutes(60));
    if (simulation.failure()) return;
    const auto seconds = simulation.elapsed() / std::chrono::seconds(1);
    simulation.record("greedy",
                      one_range ? "one range: seed gave, to them, seconds" : "seed gave, to them, seconds",
                      {to_all, to_them, static_cast<std::uint64_t>(seconds)});
    simulation.mark(one_range ? "swarm: greedy peers of one range" : "swarm: greedy peers of many ranges");
    if (one_range && to_them > to_all * range_percent_max / 100)
        simulation.fail(std::to_string(greedy) + " greedy peers of one range had " + std::to_string(to_them) +
                        " of the " + std::to_string(to_all) + " bytes that the seed gave");
}

}  // namespace spate::sim
