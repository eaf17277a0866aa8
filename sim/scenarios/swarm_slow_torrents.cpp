// Several torrents of one session behind 512 kbit/s, each with a seed of its own: the link is filled, and the
// torrents get about the same of it.
#include <algorithm>
#include <map>

#include "piece_store/test_torrent.h"
#include "sim/scenarios/swarm_member.h"
#include "sim/scenarios/table.h"

namespace spate::sim {
namespace {

constexpr std::uint64_t slow_rate = 64'000;
constexpr std::uint64_t torrent_size = 500'000;
const Address any_address = Address::v4(0, 0, 0, 0);

// What the scenario looks at.
struct TorrentsBoard {
    std::map<engine::TorrentId, std::uint64_t> there;  // bytes
    std::size_t finished = 0;
};

class ManyTorrents final : private engine::SessionEvents {
  public:
    ManyTorrents(const ProgramStart& start, engine::SessionOptions options,
                 const std::vector<engine::AddTorrent>& torrents, std::shared_ptr<TorrentsBoard> board)
        : reactor_(start.world.reactor),
          board_(std::move(board)),
          session_(start.world, std::move(options), *this, start.log),
          look_timer_(reactor_.make_timer([this] { look(); })) {
        if (!session_.start()) return;
        for (const auto& torrent : torrents)
            if (!session_.add(torrent)) return;
        look();
    }

  private:
    void look() {
        for (const auto id : session_.torrents()) board_->there[id] = session_.status(id).bytes_have;
        look_timer_->arm(reactor_.now() + std::chrono::milliseconds(200));
    }
    void on_finished(engine::TorrentId id) override {
        board_->there[id] = session_.status(id).bytes_have;
        ++board_->finished;
    }

    io::Reactor& reactor_;
    std::shared_ptr<TorrentsBoard> board_;
    engine::Session session_;
    std::unique_ptr<io::Timer> look_timer_;
};

engine::SessionOptions session_options() {
    engine::SessionOptions options;
    options.bind = any_address;
    options.port_first = options.port_last = MemberProgram::port;
    options.state_folder = "/state";
    return options;
}

void run_session(Host& host, const std::vector<engine::AddTorrent>& torrents,
                 const std::shared_ptr<TorrentsBoard>& board) {
    host.run("spate", [torrents, board](auto& start) {
        return std::make_shared<ManyTorrents>(start, session_options(), torrents, board);
    });
}

}  // namespace

void run_swarm_slow_torrents(Testbed& testbed) {
    auto& simulation = testbed.simulation();
    auto& rng = simulation.rng();
    auto& link = testbed.network().default_link();
    link.delay_min = std::chrono::milliseconds(20);
    link.delay_max = std::chrono::milliseconds(60);
    HostSettings slow;
    slow.node.up_bytes_per_second = slow.node.down_bytes_per_second = slow_rate;
    slow.node.receive_buffer = 16384;
    auto& leecher = testbed.add_host("leecher", std::move(slow));
    std::vector<engine::AddTorrent> wanted;
    const auto seeds_board = std::make_shared<TorrentsBoard>();
    for (std::uint64_t i = 0, count = 2 + rng.below(3); i < count; ++i) {
        auto& host = testbed.add_host("seed" + std::to_string(i + 1), HostSettings{});
        const auto content =
            piece_store::make_torrent(metainfo::TorrentVersion::v1, {torrent_size}, 16384, rng.next());
        host.disk().put("/data/T", content.space);
        engine::AddTorrent torrent{
            .what = *content.metainfo, .folder = "/data", .on_disk = engine::OnDisk::just_hashed};
        run_session(host, {torrent}, seeds_board);
        torrent.on_disk = engine::OnDisk::resume;
        torrent.folder = "/data/" + std::to_string(i);
        torrent.peers = {{host.name(), MemberProgram::port}};
        wanted.push_back(std::move(torrent));
    }
    const auto board = std::make_shared<TorrentsBoard>();
    const auto began = simulation.now();
    run_session(leecher, wanted, board);
    const auto limit = std::chrono::minutes(10);
    if (!simulation.run_until([&] { return board->finished > 0; }, limit))
        return simulation.fail("no torrent was finished");
    for (const auto& [id, bytes] : board->there) {
        simulation.record("torrent", "bytes when the first was finished", {id.value, bytes});
        if (bytes < torrent_size / 2)
            simulation.fail("a torrent had " + std::to_string(bytes) + " bytes when another had all " +
                            std::to_string(torrent_size));
    }
    if (!simulation.run_until([&] { return board->finished == wanted.size(); }, limit) &&
        !simulation.failure())
        return simulation.fail("not all torrents were finished");
    const auto taken = (simulation.now() - began) / std::chrono::milliseconds(1);
    const auto at_best = wanted.size() * torrent_size * 1000 / slow_rate;
    simulation.record("slow torrents", "milliseconds, at best", {static_cast<std::uint64_t>(taken), at_best});
    if (static_cast<std::uint64_t>(taken) > at_best * 5 / 4 + 5000)
        simulation.fail("all torrents took " + std::to_string(taken) + " ms, " + std::to_string(at_best) +
                        " were possible");
}

}  // namespace spate::sim
