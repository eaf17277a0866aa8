// What policy alone costs a fleet: the whole engine, one seed and N leechers over simulated links with
// queues, so that neither processors nor disks take time. bench/swarm is the same with real programs and
// sockets; what that takes longer is theirs. Equal arguments give equal results.
//
//   fleet                          16 leechers, 64 MiB, 256 KiB a piece, 100 Mbit/s each way
//   fleet 16 64 256 100            leechers, MiB, KiB a piece, Mbit/s
//   fleet --links                  and how full the links are, each 100 ms
//   fleet 24 --at-most 1.5         as a test: status 1 when it takes longer than so many times the bound
//
// Links carry 40 bytes a segment of 1,448 at most and 0.1 ms; a connection has at most `flight` bytes on its
// way. The leechers start 20 ms one after the other; time counts from the last one's start.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fmt/core.h>
#include <memory>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/session.h"
#include "piece_store/test_torrent.h"
#include "sim/testbed.h"

namespace spate {
namespace {

using std::chrono::milliseconds;
constexpr std::uint16_t port = 6881;
constexpr std::size_t flight = 64 << 10;
constexpr Duration start_gap = milliseconds(20);

struct Settings {
    std::uint64_t leechers = 16;
    std::uint64_t mebibytes = 64;
    std::uint64_t piece_kib = 256;
    std::uint64_t megabits = 100;
    bool links = false;
    double at_most = 0;  // times the bound; 0: whatever

    std::uint64_t bytes() const { return mebibytes << 20; }
    std::uint64_t link() const { return megabits * 1'000'000 / 8; }
    // Equal links: one copy's time.
    double bound() const { return static_cast<double>(bytes()) / static_cast<double>(link()); }
};

class Member final : private engine::SessionEvents {
  public:
    Member(const sim::ProgramStart& start, engine::AddTorrent torrent, Member*& self) {
        self = this;
        engine::SessionOptions options;
        options.port_first = options.port_last = port;
        session_ = std::make_unique<engine::Session>(start.world, options,
                                                     static_cast<engine::SessionEvents&>(*this), start.log);
        if (!session_->start()) std::abort();
        const auto id = session_->add(std::move(torrent));
        if (!id) std::abort();
        id_ = *id;
    }
    bool finished() const { return finished_; }
    engine::TorrentStatus status() const { return session_->status(id_); }

  private:
    void on_finished(engine::TorrentId) override { finished_ = true; }

    std::unique_ptr<engine::Session> session_;
    engine::TorrentId id_;
    bool finished_ = false;
};

class Fleet {
  public:
    explicit Fleet(const Settings& settings)
        : settings_(settings),
          torrent_(piece_store::make_torrent(metainfo::TorrentVersion::v1, {settings.bytes()},
                                             settings.piece_kib << 10)),
          members_(settings.leechers + 1) {
        auto& link = testbed_.network().default_link();
        link.delay_min = link.delay_max = std::chrono::microseconds(100);
    }

    int run() {
        start(0, {.what = *torrent_.metainfo, .folder = "/data", .on_disk = engine::OnDisk::just_hashed});
        auto& simulation = testbed_.simulation();
        if (!simulation.run_until([&] { return members_[0] != nullptr && members_[0]->finished(); },
                                  std::chrono::seconds(10)))
            return 1;
        std::vector<HostPort> known{{hosts_[0]->address().text(), port}};
        for (std::size_t i = 1; i < members_.size(); ++i) {
            start(i, {.what = *torrent_.metainfo, .folder = "/data", .peers = known});
            known.push_back({hosts_[i]->address().text(), port});
            if (i + 1 < members_.size()) step(simulation.now() + start_gap);
        }
        const TimePoint begin = simulation.now();
        while (!all_finished() && simulation.now() - begin < std::chrono::minutes(10)) {
            step(simulation.now() + milliseconds(settings_.links ? 100 : 10));
            if (settings_.links) print_links(simulation.now() - begin);
        }
        const double ratio = print(simulation.now() - begin);
        return all_finished() && (settings_.at_most == 0 || ratio <= settings_.at_most) ? 0 : 1;
    }

  private:
    void start(std::size_t number, engine::AddTorrent torrent) {
        sim::HostSettings settings;
        settings.node.addresses = {Address::v4(10, 0, 0, static_cast<std::uint8_t>(number + 1))};
        settings.node.up_bytes_per_second = settings.node.down_bytes_per_second = settings_.link();
        settings.node.send_buffer = settings.node.receive_buffer = flight;
        settings.node.segment_max = 1448;
        settings.node.short_io = settings.node.datagram_full = 0;
        settings.pool.service_max = std::chrono::microseconds(50);
        auto& host = testbed_.add_host(fmt::format("peer{}", number), settings);
        host.disk().latency() = {.read_max = std::chrono::microseconds(100),
                                 .write_max = std::chrono::microseconds(100),
                                 .sync_max = std::chrono::milliseconds(2),
                                 .cached = 1'000'000};
        if (number == 0) host.disk().put("/data/T", torrent_.file(0));
        hosts_.push_back(&host);
        host.run("spate", [this, number, torrent](const sim::ProgramStart& start) {
            return std::make_shared<Member>(start, torrent, members_[number]);
        });
    }
    void step(TimePoint until) {
        static_cast<void>(testbed_.simulation().run_until(
            [&] { return testbed_.simulation().now() >= until; }, std::chrono::seconds(1)));
    }
    bool all_finished() const {
        return std::ranges::all_of(
            members_, [](const Member* member) { return member != nullptr && member->finished(); });
    }
    void print_links(Duration at) {
        std::vector<double> up;
        std::vector<double> down;
        last_.resize(members_.size());
        for (std::size_t i = 0; i < members_.size(); ++i) {
            const auto status = members_[i]->status();
            const double full = static_cast<double>(settings_.link()) / 10;
            up.push_back(static_cast<double>(status.uploaded - last_[i].first) / full);
            down.push_back(static_cast<double>(status.downloaded - last_[i].second) / full);
            last_[i] = {status.uploaded, status.downloaded};
        }
        const auto mean = [](const std::vector<double>& of) {
            return std::accumulate(of.begin() + 1, of.end(), 0.0) / static_cast<double>(of.size() - 1);
        };
        fmt::print("{:5.1f} s  seed up {:4.0f} %  leechers up {:4.0f} %  down {:4.0f} %  slowest {:4.0f} %\n",
                   std::chrono::duration<double>(at).count(), up[0] * 100, mean(up) * 100, mean(down) * 100,
                   *std::min_element(down.begin() + 1, down.end()) * 100);
    }
    // Gives the ratio to the bound.
    double print(Duration took) {
        std::uint64_t wasted = 0;
        for (const Member* member : members_) wasted += member->status().wasted;
        const double seconds = std::chrono::duration<double>(took).count();
        fmt::print(
            "{} leechers, {} MiB, {} KiB a piece, {} Mbit/s: {:.2f} s, {:.3f} x the fluid bound; seed sent "
            "{:.2f} copies, {:.2f} % came twice\n",
            settings_.leechers, settings_.mebibytes, settings_.piece_kib, settings_.megabits, seconds,
            seconds / settings_.bound(),
            static_cast<double>(members_[0]->status().uploaded) / static_cast<double>(settings_.bytes()),
            static_cast<double>(wasted) * 100 / static_cast<double>(settings_.bytes() * settings_.leechers));
        return seconds / settings_.bound();
    }

    Settings settings_;
    piece_store::TestTorrent torrent_;
    sim::Testbed testbed_{1};
    std::vector<Member*> members_;
    std::vector<sim::Host*> hosts_;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> last_;
};

}  // namespace
}  // namespace spate

int main(int argc, char** argv) {
    spate::Settings settings;
    std::vector<std::uint64_t*> numbers = {&settings.megabits, &settings.piece_kib, &settings.mebibytes,
                                           &settings.leechers};
    bool understood = true;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == "--links") {
            settings.links = true;
        } else if (word == "--at-most" && i + 1 < argc) {
            settings.at_most = std::strtod(argv[++i], nullptr);
        } else if (!numbers.empty() && word.find_first_not_of("0123456789") == word.npos) {
            *numbers.back() = std::strtoull(argv[i], nullptr, 10);
            understood = understood && *numbers.back() > 0;
            numbers.pop_back();
        } else {
            understood = false;
        }
    }
    if (!understood || settings.leechers > 200) {
        std::fputs(
            "usage: fleet [LEECHERS [MIB [PIECE_KIB [MEGABITS]]]] [--links] [--at-most RATIO]   "
            "(at most 200 leechers)\n",
            stderr);
        return 2;
    }
    return spate::Fleet(settings).run();
}
