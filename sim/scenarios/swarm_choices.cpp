// Swarms whose members do not all want and give everything: partial seeds, selected files, first copies
// handed out once, files in order.
#include <algorithm>
#include <set>

#include "sim/scenarios/deaths.h"
#include "sim/scenarios/swarm_torrents.h"
#include "sim/scenarios/table.h"

namespace spate::sim {
namespace {

using Paths = std::set<std::string>;

// Pieces that a member with that part may tell of.
bool in_part(std::uint32_t piece, const engine::Part& part, std::uint64_t pieces) {
    return piece >= pieces * part.from_percent / 100 && piece < pieces * part.to_percent / 100;
}

void check_parts(Testbed& testbed, const TorrentSwarm& swarm) {
    for (const auto& member : swarm.members())
        for (const auto piece : member.truth->told)
            if (!in_part(piece, member.settings->torrent.part, swarm.torrent().pieces()))
                return testbed.simulation().fail(member.host->name() + " told of piece " +
                                                 std::to_string(piece) + ", which is not of its part");
}

Paths draw_paths(Rng& rng, const metainfo::FileLayout& layout, std::uint64_t in_ten) {
    Paths paths;
    for (const auto& file : layout.files())
        if (!file.attributes.pad && rng.chance(in_ten, 10)) paths.insert(file.path);
    return paths;
}

void want(engine::AddTorrent& torrent, Paths paths) {
    torrent.wants = [paths = std::move(paths)](const metainfo::File& file) {
        return paths.contains(file.path);
    };
}

// What nobody wanted is on no disk, but for what its neighbours' pieces brought into the part file.
void check_unwanted(Testbed& testbed, const TorrentSwarm& swarm, std::size_t number, const Paths& wanted) {
    const auto& member = swarm.members()[number];
    for (const auto& file : swarm.torrent().layout().files())
        if (!file.attributes.pad && file.size > 0 && !wanted.contains(file.path) &&
            member.host->disk().get("/data/" + file.path))
            testbed.simulation().fail(member.host->name() + " made " + file.path + ", which it did not want");
    if (member.host->disk().get("/data/.T.parts")) testbed.simulation().mark("swarm: a part file");
}

std::optional<std::string> out_of_order(const TorrentSwarm& swarm) {
    for (const auto& member : swarm.members()) {
        const auto& status = member.board->status;
        if (member.seed || !status || status->bar.empty()) continue;
        const std::size_t cells = status->bar.size() * status->pieces_have / status->pieces_total;
        if (cells < status->bar.size() / 3 || cells > status->bar.size() * 2 / 3) continue;
        std::size_t there = 0;
        for (std::size_t i = 0; i < cells; ++i) there += status->bar[i];
        if (there < cells * 255 / 10 * 6)
            return member.host->name() + " wants it in order and has " +
                   std::to_string(there * 100 / 255 / cells) + " % of the beginning when it has " +
                   std::to_string(status->pieces_have) + " of " + std::to_string(status->pieces_total) +
                   " pieces";
    }
    return std::nullopt;
}

std::uint64_t sum_of(const std::vector<std::uint64_t>& sizes) {
    std::uint64_t sum = 0;
    for (const auto size : sizes) sum += size;
    return sum;
}

}  // namespace

void run_swarm_partial_seeds(Testbed& testbed) {
    auto& rng = testbed.simulation().rng();
    draw_ways(testbed);
    TorrentSwarmSettings settings;
    const auto parts = static_cast<std::uint32_t>(2 + rng.below(4));
    settings.seeds = static_cast<int>(parts);
    settings.leechers = 1 + rng.below(4);
    settings.magnets = rng.below(2);
    settings.size_max = 900'000;
    const bool one_wants_part = rng.chance(1, 2);
    const std::size_t last = parts + settings.leechers - 1;
    settings.change = [&](std::size_t number, MemberSettings& member) {
        auto& torrent = member.torrent;
        if (number < parts) {
            const auto from = static_cast<std::uint32_t>(number) * 100 / parts;
            torrent.part = {from, (static_cast<std::uint32_t>(number) + 1) * 100 / parts};
            // It has all and gives a part, or has no more than that.
            if (rng.chance(1, 2)) torrent.on_disk = engine::OnDisk::check;
        } else if (number == last && one_wants_part) {
            torrent.part = {20, 40};
        }
    };
    TorrentSwarm swarm(testbed, settings);
    swarm.finish(std::chrono::minutes(30));
    if (!testbed.simulation().failure()) check_parts(testbed, swarm);
    swarm.stop_all();
}

void run_swarm_selection(Testbed& testbed) {
    auto& simulation = testbed.simulation();
    auto& rng = simulation.rng();
    draw_ways(testbed);
    TorrentSwarmSettings settings;
    settings.leechers = 1 + rng.below(4);
    for (auto files = 3 + rng.below(5); files > 0; --files)
        settings.sizes.push_back(rng.chance(1, 8) ? 0 : rng.below(150'000));
    ++settings.sizes.front();
    settings.hosts_fail = rng.chance(1, 2);
    settings.magnets = rng.below(2);
    if (settings.hosts_fail) settings.grace = std::chrono::seconds(90);
    std::vector<Paths> wanted(1 + settings.leechers);
    settings.change = [&](std::size_t number, MemberSettings& member) {
        if (number == 0) return;
        if (const auto* whole = std::get_if<metainfo::Metainfo>(&member.torrent.what)) {
            wanted[number] = draw_paths(rng, whole->info.layout, 4);
            want(member.torrent, wanted[number]);
        }
    };
    TorrentSwarm swarm(testbed, settings);
    auto& members = swarm.members();
    for (std::size_t i = 1; i <= settings.magnets; ++i)  // it wants all there is
        wanted[i] = draw_paths(rng, swarm.torrent().layout(), 10);
    const auto finish = [&] {
        if (settings.hosts_fail)
            for (std::size_t i = 1; i < members.size(); ++i)
                if (rng.chance(1, 2))
                    plan_deaths(*members[i].host, rng,
                                {.count = 4, .calls = 200, .pause = std::chrono::seconds(1)});
        swarm.finish(std::chrono::minutes(60));
    };
    finish();
    for (std::size_t i = 1; i < members.size() && !simulation.failure(); ++i)
        check_unwanted(testbed, swarm, i, wanted[i]);
    for (const std::uint64_t in_ten : {4U, 10U}) {
        if (simulation.failure()) return;
        for (std::size_t i = 1; i < members.size(); ++i) {
            wanted[i].merge(draw_paths(rng, swarm.torrent().layout(), in_ten));
            swarm.restart(members[i], [&](auto& torrent) { want(torrent, wanted[i]); });
        }
        simulation.mark("swarm: more was wanted");
        finish();
    }
}

void run_swarm_super_seeding(Testbed& testbed) {
    auto& simulation = testbed.simulation();
    auto& rng = simulation.rng();
    constexpr std::uint64_t seed_rate = 600'000;
    TorrentSwarmSettings settings;
    settings.leechers = 3 + rng.below(8);
    settings.sizes = {10'000'000 + rng.below(2'000'000)};
    settings.piece_length = 65536U << rng.below(2);
    const std::uint64_t leecher_rate = rng.chance(1, 2) ? seed_rate : 5 * seed_rate;
    // Of the larger ones, nothing ever waits in the seed's own output.
    const std::size_t send_buffer = rng.chance(1, 2) ? 65'536 : 1 << 20;
    settings.machine = [&](std::size_t number) {
        HostSettings machine;
        machine.node.up_bytes_per_second = number == 0 ? seed_rate : leecher_rate;
        machine.node.send_buffer = send_buffer;
        return machine;
    };
    settings.change = [&](std::size_t number, MemberSettings& member) {
        if (number == 0) member.torrent.super_seed = engine::SuperSeed::on;
        member.session.limits.up = 0;
        member.torrent.sequential = false;
    };
    TorrentSwarm swarm(testbed, settings);
    const auto began = simulation.now();
    swarm.finish(std::chrono::minutes(30));
    if (simulation.failure()) return;
    const auto taken = simulation.now() - began;
    const std::uint64_t size = sum_of(settings.sizes);
    simulation.run_for(std::chrono::seconds(1));
    const std::uint64_t given = swarm.members()[0].board->status->uploaded;
    if (given > size + size / 10 + 16 * settings.piece_length)
        simulation.fail("the seed gave " + std::to_string(given) + " bytes of " + std::to_string(size) +
                        " to " + std::to_string(settings.leechers) + " leechers");
    const std::uint64_t at_best = size * 1000 / seed_rate;  // milliseconds
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(taken).count();
    if (static_cast<std::uint64_t>(milliseconds) > at_best * 5 / 4 + 2'000)
        simulation.fail("the last leecher had all after " + std::to_string(milliseconds) +
                        " ms, the seed could have given it in " + std::to_string(at_best));
}

// Who wants it in order gets it in order, but for what is on its way at once: while it has about half, most
// of that is the first half.
void run_swarm_sequential(Testbed& testbed) {
    auto& simulation = testbed.simulation();
    auto& rng = simulation.rng();
    TorrentSwarmSettings settings;
    settings.leechers = 1 + rng.below(3);
    settings.sizes = {4'000'000 + rng.below(2'000'000)};
    settings.piece_length = 16384;
    settings.machine = [](std::size_t) {
        HostSettings machine;
        machine.node.up_bytes_per_second = 200'000;
        return machine;
    };
    settings.change = [](std::size_t number, MemberSettings& member) {
        member.session.limits.up = 0;
        member.torrent.sequential = number > 0;
        member.torrent.super_seed = engine::SuperSeed::off;
    };
    TorrentSwarm swarm(testbed, settings);
    simulation.check_every(std::chrono::milliseconds(500), [&swarm] { return out_of_order(swarm); });
    swarm.finish(std::chrono::minutes(30));
}

}  // namespace spate::sim
