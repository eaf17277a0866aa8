// What one MiB costs the seeder and the leecher, in counts that no other load on the machine can change: the
// real engine moves a torrent between two simulated machines, and its calls through the seam, its wakeups,
// allocations and large copies are counted. A stream's read or write, a file's too, is one system call in the
// real world; those of its event loop and its threads (epoll, eventfd, futex) are not in it.
//
//     bench/transfer_counts [MIB]     "WHO WHAT PER-MIB", a line each; bench/counts draws the table
#include <cstdio>
#include <cstdlib>
#include <fmt/core.h>
#include <memory>
#include <optional>

#include "bench/tallied_world.h"
#include "engine/session.h"
#include "piece_store/test_torrent.h"
#include "sim/testbed.h"

namespace spate {
namespace {

constexpr std::uint16_t port = 6881;
constexpr std::uint64_t mib = std::uint64_t{1} << 20;

class Member final : private engine::SessionEvents {
  public:
    Member(const sim::ProgramStart& start, engine::AddTorrent torrent, Tally& tally, bool& finished)
        : world_(start.world, tally), finished_(finished) {
        const Charge charge(&tally);
        engine::SessionOptions options;
        options.port_first = options.port_last = port;
        options.state_folder = "/state";
        session_ = std::make_unique<engine::Session>(world_.world(), options,
                                                     static_cast<engine::SessionEvents&>(*this), start.log);
        if (!session_->start() || !session_->add(std::move(torrent))) std::abort();
    }

  private:
    void on_finished(engine::TorrentId) override { finished_ = true; }

    TalliedWorld world_;
    bool& finished_;
    std::unique_ptr<engine::Session> session_;
};

// A quick network, a quick disk, nothing at random.
sim::HostSettings quick_host(int number) {
    sim::HostSettings settings;
    settings.node.addresses = {Address::v4(10, 0, 0, static_cast<std::uint8_t>(number))};
    settings.node.send_buffer = settings.node.receive_buffer = 4 * mib;
    settings.node.segment_max = 65'536;
    settings.node.short_io = settings.node.datagram_full = 0;
    settings.pool.service_max = std::chrono::microseconds(50);
    return settings;
}

sim::Host& add_host(sim::Testbed& testbed, const std::string& name, int number) {
    auto& host = testbed.add_host(name, quick_host(number));
    host.disk().latency() = {.read_max = std::chrono::microseconds(100),
                             .write_max = std::chrono::microseconds(100),
                             .sync_max = std::chrono::milliseconds(2),
                             .cached = 1'000'000};
    return host;
}

struct Side {
    Tally tally;
    bool finished = false;
    sim::Host* host = nullptr;
};

void print(const char* who, const Side& side, double mebibytes) {
    const auto line = [&](const char* what, double count) {
        fmt::print("{} {} {:.4f}\n", who, what, count / mebibytes);
    };
    line("reads", static_cast<double>(side.tally.reads));
    line("writes", static_cast<double>(side.tally.writes));
    line("file-reads", static_cast<double>(side.tally.file_reads));
    line("file-writes", static_cast<double>(side.tally.file_writes));
    line("syncs", static_cast<double>(side.tally.syncs));
    line("file-others", static_cast<double>(side.tally.file_others));
    line("jobs", static_cast<double>(side.tally.jobs));
    line("wakeups", static_cast<double>(side.tally.wakeups));
    line("allocations", static_cast<double>(side.tally.allocations));
    line("copied-MiB", static_cast<double>(side.tally.copied) / static_cast<double>(mib));
}

int run(std::uint64_t mebibytes) {
    const auto torrent = piece_store::make_torrent(metainfo::TorrentVersion::v1, {mebibytes * mib}, mib);
    Side seed;
    Side leecher;
    sim::Testbed testbed(1);
    auto& link = testbed.network().default_link();
    link.delay_min = link.delay_max = std::chrono::microseconds(100);
    link.bytes_per_second = 1'250'000'000;
    seed.host = &add_host(testbed, "seed", 1);
    leecher.host = &add_host(testbed, "leecher", 2);
    seed.host->disk().put("/data/T", torrent.file(0));

    const auto begin = [&](Side& side, engine::AddTorrent what) {
        what.folder = "/data";
        side.host->run("spate", [&side, what](const sim::ProgramStart& start) {
            return std::make_shared<Member>(start, what, side.tally, side.finished);
        });
    };
    begin(seed, {.what = *torrent.metainfo, .on_disk = engine::OnDisk::just_hashed});
    if (!testbed.simulation().run_until([&] { return seed.finished; }, std::chrono::seconds(10))) return 1;
    begin(leecher, {.what = *torrent.metainfo, .peers = {{seed.host->address().text(), port}}});
    if (!testbed.simulation().run_until([&] { return leecher.finished; }, std::chrono::minutes(10))) {
        std::fputs("transfer_counts: the leecher does not finish\n", stderr);
        return 1;
    }
    print("seeder", seed, static_cast<double>(mebibytes));
    print("leecher", leecher, static_cast<double>(mebibytes));
    return 0;
}

}  // namespace
}  // namespace spate

int main(int argc, char** argv) {
    const auto mebibytes = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 64;
    if (mebibytes == 0 || mebibytes > 1024) {
        std::fputs("usage: transfer_counts [MIB]   (1 to 1024, default 64)\n", stderr);
        return 2;
    }
    return spate::run(mebibytes);
}
