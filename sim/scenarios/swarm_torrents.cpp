#include "sim/scenarios/swarm_torrents.h"

#include <algorithm>

#include "sim/scenarios/classic_tracker.h"

namespace spate::sim {
namespace {
const HostPort tracker_address{"tracker", 3456};
const Address any_address = Address::v4(0, 0, 0, 0);
}  // namespace

void draw_ways(Testbed& testbed) {
    auto& rng = testbed.simulation().rng();
    auto& link = testbed.network().default_link();
    if (rng.chance(1, 3)) {
        link.delay_min = std::chrono::milliseconds(20);
        link.delay_max = std::chrono::milliseconds(20 + rng.below(200));
    }
    if (rng.chance(1, 2)) link.bytes_per_second = 30'000 + rng.below(500'000);
}

TorrentSwarm::TorrentSwarm(Testbed& testbed, const TorrentSwarmSettings& settings)
    : testbed_(testbed), settings_(settings) {
    auto& simulation = testbed_.simulation();
    draw_torrent();
    add_hosts();
    run_tracker();
    for (std::size_t i = 0; i < evil_.size(); ++i) run_evil(i);
    for (std::size_t i = 0; i < members_.size(); ++i)
        run_member(members_[i],
                   !members_[i].seed && i < static_cast<std::size_t>(settings_.seeds) + settings_.magnets);
    simulation.check_every(std::chrono::milliseconds(100), [this] { return complaint(); });
}

void TorrentSwarm::draw_torrent() {
    auto& rng = testbed_.simulation().rng();
    using metainfo::TorrentVersion;
    const bool v1 = settings_.only_v1 || (!settings_.only_v2 && rng.chance(1, 3));
    const TorrentVersion version = v1                 ? TorrentVersion::v1
                                   : rng.chance(1, 2) ? TorrentVersion::v2
                                                      : TorrentVersion::hybrid;
    std::vector<std::uint64_t> sizes = settings_.sizes;
    if (!sizes.empty()) {
        // As they were given.
    } else if (rng.chance(1, 2)) {
        sizes.push_back(1 + rng.below(settings_.size_max));
    } else {
        for (auto files = 2 + rng.below(5); files > 0; --files)
            sizes.push_back(rng.chance(1, 8) ? 0 : rng.below(settings_.size_max / 4));
        ++sizes.front();
    }
    torrent_ = std::make_shared<piece_store::TestTorrent>(piece_store::make_torrent(
        version, sizes, settings_.piece_length != 0 ? settings_.piece_length : 16384U << rng.below(3),
        rng.next()));
    testbed_.simulation().mark(version == TorrentVersion::v1   ? "swarm: v1"
                               : version == TorrentVersion::v2 ? "swarm: v2"
                                                               : "swarm: hybrid");
}

void TorrentSwarm::run_tracker() {
    auto& rng = testbed_.simulation().rng();
    tracker::Options options;
    options.listen = {{any_address, tracker_address.port}};
    options.announce.interval = std::chrono::seconds(60);
    options.announce.min_interval = std::chrono::seconds(20);
    const auto ledger = TrackerLedger::open(*tracker_, [](const std::string&, ByteRange) {});
    tracker_->run("tracker", [options, ledger, &simulation = testbed_.simulation()](auto& start) {
        return std::make_shared<TrackerProgram>(start, simulation, options, ledger);
    });
    trackers_ = {rng.chance(1, 2) ? "http://tracker:3456/announce" : "udp://tracker:3456/announce"};
}

engine::SessionOptions TorrentSwarm::draw_session() {
    auto& rng = testbed_.simulation().rng();
    engine::SessionOptions options;
    options.bind = any_address;
    options.port_first = options.port_last = MemberProgram::port;
    options.state_folder = "/state";
    options.write_budget = std::uint64_t{1} << (20 + rng.below(4));
    if (rng.chance(1, 3))
        options.torrent_connections_max =
            static_cast<std::uint32_t>(8 + settings_.evil.size() + rng.below(8));
    if (rng.chance(1, 4)) options.limits.up = 100'000 + rng.below(400'000);
    return options;
}

// A partial seed that is to look what it has has the files of its part alone. (A file of which no piece is
// right would be a stranger's.)
void TorrentSwarm::put_content(const Member& seed) {
    const auto& layout = torrent_->layout();
    const engine::AddTorrent& torrent = seed.settings->torrent;
    const bool all = torrent.on_disk == engine::OnDisk::just_hashed;
    const std::uint64_t count = layout.piece_count();
    const auto edge = [&](std::uint64_t percent) {
        return layout.piece_offset(metainfo::PieceIndex(static_cast<std::uint32_t>(count * percent / 100)));
    };
    for (std::uint32_t i = 0; i < layout.files().size(); ++i) {
        const auto& file = layout.file(metainfo::FileIndex(i));
        const bool outside = file.offset >= edge(torrent.part.to_percent) ||
                             file.offset + file.size <= edge(torrent.part.from_percent);
        if (file.attributes.pad || (!all && outside && file.size > 0)) continue;
        seed.host->disk().put("/data/" + file.path, seed.truth->content_of(i));
    }
}

Host& TorrentSwarm::add_host(const std::string& name, std::size_t number) {
    return settings_.machine ? testbed_.add_host(name, settings_.machine(number)) : testbed_.add_host(name);
}

void TorrentSwarm::add_hosts() {
    tracker_ = &testbed_.add_host("tracker");
    const std::size_t first_evil = static_cast<std::size_t>(settings_.seeds) + settings_.leechers;
    for (std::size_t i = 0; i < settings_.evil.size(); ++i) {
        evil_.push_back(&add_host("evil" + std::to_string(i + 1), first_evil + i));
    }
    const auto seeds = static_cast<std::size_t>(settings_.seeds);
    for (std::size_t i = 0; i < seeds + settings_.leechers; ++i) {
        const bool seed = i < seeds;
        auto& host = add_host((seed ? "seed" : "leecher") + std::to_string(i + 1), i);
        Member member;
        member.host = &host;
        member.truth = std::make_shared<MemberTruth>(host, torrent_, settings_.grace);
        member.seed = seed;
        members_.push_back(std::move(member));
    }
}

void TorrentSwarm::run_member(Member& member, bool magnet) {
    MemberSettings& settings = *member.settings;
    settings = {.torrent = {.what = *torrent_->metainfo}, .session = draw_session()};
    auto& torrent = settings.torrent;
    if (magnet) torrent.what = metainfo::magnet_of(*torrent_->metainfo);
    torrent.folder = "/data";
    torrent.trackers = trackers_;
    for (Host* evil : evil_) torrent.peers.push_back({evil->name(), EvilSwarmPeer::port});
    torrent.on_disk =
        member.seed && !settings_.hosts_fail ? engine::OnDisk::just_hashed : engine::OnDisk::resume;
    torrent.sequential = testbed_.simulation().rng().chance(1, 8);
    const auto number = static_cast<std::size_t>(&member - members_.data());
    if (settings_.change) settings_.change(number, settings);
    member.truth->expect(torrent);
    if (member.seed) put_content(member);
    member.process = &member.host->run(
        "spate", [settings = member.settings, truth = member.truth, board = member.board](auto& start) {
            auto program = std::make_shared<MemberProgram>(start, *settings, truth, board);
            board->program = program;
            return program;
        });
}

void TorrentSwarm::restart(Member& member, const std::function<void(engine::AddTorrent&)>& change) {
    if (member.process->running()) member.process->kill();
    change(member.settings->torrent);
    member.truth->expect(member.settings->torrent);
    member.board->finished = false;
    if (member.host->up()) member.process->start();
}

void TorrentSwarm::run_evil(std::size_t i) {
    std::vector<Endpoint> victims;
    for (const Member& member : members_) victims.push_back({member.host->address(), MemberProgram::port});
    EvilSettings settings{settings_.evil[i], torrent_, std::move(victims), testbed_.simulation().rng().next(),
                          taken_};
    evil_[i]->run("evil", [settings, &simulation = testbed_.simulation()](auto& start) {
        return std::make_shared<EvilSwarmPeer>(start.world, simulation, settings);
    });
}

std::optional<std::string> TorrentSwarm::complaint() const {
    for (const Member& member : members_) {
        if (const auto program = member.board->program.lock())
            if (auto excess = program->excess()) return excess;
        for (const Endpoint& banned : member.board->banned) {
            const auto it = std::ranges::find(evil_, banned.address, &Host::address);
            if (it == evil_.end() ||
                !sends_false_bytes(settings_.evil[static_cast<std::size_t>(it - evil_.begin())]))
                return member.host->name() + " banned " + banned.text() + ", which sent nothing false";
        }
    }
    return std::nullopt;
}

std::uint64_t TorrentSwarm::taken_from(const Member& member) const {
    const auto found = taken_->find(member.host->address());
    return found == taken_->end() ? 0 : found->second;
}

bool TorrentSwarm::all_done() const {
    return std::ranges::all_of(members_, [](const Member& member) {
        return member.seed || (member.board->finished && member.process->running());
    });
}

std::string TorrentSwarm::late() const {
    std::string late;
    for (const Member& member : members_) {
        if (member.seed || member.board->finished) continue;
        late += " " + member.host->name();
        const auto& status = member.board->status;
        if (status)
            late += " (" + std::string(engine::name_of(status->state)) + ", " +
                    std::to_string(status->pieces_have) + " of " + std::to_string(status->pieces_total) +
                    " pieces, " + std::to_string(status->peers) + " peers)";
    }
    return late;
}

void TorrentSwarm::finish(Duration limit) {
    auto& simulation = testbed_.simulation();
    if (simulation.failure()) return;
    if (!simulation.run_until([this] { return all_done(); }, limit))
        return simulation.fail("not finished in the end:" + late());
    for (const Member& member : members_) {
        if (member.seed) continue;
        if (member.truth->wrong_file(false)) member.truth->complain("lost its files after it had finished");
    }
    for (const Member& member : members_)
        for ([[maybe_unused]] const Endpoint& banned : member.board->banned)
            simulation.mark("swarm: who sent false bytes was banned");
}

void TorrentSwarm::stop_all() {
    auto& simulation = testbed_.simulation();
    if (simulation.failure()) return;
    for (const Member& member : members_)
        if (const auto program = member.board->program.lock()) program->stop();
    const auto all_stopped = [this] {
        return std::ranges::all_of(members_, [](const Member& member) { return member.board->stopped; });
    };
    if (!simulation.run_until(all_stopped, engine::Session::stop_time + std::chrono::seconds(1)))
        simulation.fail("a session did not stop in its time");
}

}  // namespace spate::sim
