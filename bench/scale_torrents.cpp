// What thousands of seeding torrents cost one session; bench/scale runs it and prints the table.
//   scale_torrents make FOLDER COUNT URL    torrents of sparse 1 MiB files, tracked at URL
//   scale_torrents import FOLDER COUNT      shares them all for the first time
//   scale_torrents start FOLDER COUNT SECONDS   starts again, as after a restart; idle for so long
// Prints one JSON object.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/hex.h"
#include "bench/own_usage.h"
#include "engine/session.h"
#include "hash/digest.h"
#include "io/linux/limits.h"
#include "io/linux/loop.h"
#include "metainfo/torrent_reader.h"
#include "metainfo/torrent_writer.h"

namespace {

using namespace spate;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t file_size = 1 << 20;
constexpr std::uint64_t piece_size = 16 << 10;

double seconds_since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

std::string name_of(std::size_t number) {
    return "file-" + std::to_string(number) + ".bin";
}

int make(const fs::path& folder, std::size_t count, const std::string& url) {
    fs::create_directories(folder / "data");
    fs::create_directories(folder / "torrents");
    const std::vector<std::uint8_t> zeros(piece_size);
    metainfo::TorrentHashes hashes;
    hashes.v1_pieces.assign(file_size / piece_size, hash::sha1(zeros));
    for (std::size_t i = 0; i < count; ++i) {
        metainfo::NewTorrent torrent;
        torrent.version = metainfo::TorrentVersion::v1;
        torrent.name = name_of(i);
        torrent.single_file = true;
        torrent.files = {{.path = {torrent.name}, .size = file_size}};
        torrent.piece_length = piece_size;
        torrent.trackers = {{url}};
        const auto layout = metainfo::plan_layout(torrent);
        if (!layout) return 1;
        const auto written = metainfo::write_torrent(torrent, *layout, hashes);
        std::ofstream(folder / "torrents" / (std::to_string(i) + ".torrent"), std::ios::binary)
            << written.torrent;
        std::ofstream(folder / "data" / torrent.name).close();
        fs::resize_file(folder / "data" / torrent.name, file_size);
    }
    std::printf("{\"made\": %zu}\n", count);
    return 0;
}

std::vector<std::uint8_t> read_file(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

class Run final : public engine::SessionEvents {
  public:
    Run(fs::path folder, std::size_t count)
        : folder_(std::move(folder)), count_(count), world_(loop_.world()) {
        engine::SessionOptions options;
        options.bind = Address::loopback();
        options.port_first = options.port_last = 0;
        options.state_folder = (folder_ / "state").string();
        session_ = std::make_unique<engine::Session>(world_, options, *this, log_);
        if (!session_->start()) std::exit(1);
    }

    int import() {
        const auto begin = Clock::now();
        std::ofstream list(folder_ / "list");
        for (std::size_t i = 0; i < count_; ++i) {
            auto torrent =
                metainfo::read_torrent(read_file(folder_ / "torrents" / (std::to_string(i) + ".torrent")));
            if (!torrent) return 1;
            list << to_hex(*torrent->info.hash.v1) << ' ' << torrent->trackers.front().front() << '\n';
            add({.what = std::move(*torrent), .on_disk = engine::OnDisk::just_hashed});
        }
        wait([&] { return finished_ == count_; });
        const double all = seconds_since(begin);
        stop();
        std::printf("{\"seconds\": %.2f}\n", all);
        return 0;
    }

    int start(double idle_seconds) {
        malloc_trim(0);
        const std::size_t resident = resident_bytes();
        const std::size_t heap = heap_bytes();
        const double cpu = cpu_seconds();
        const auto begin = Clock::now();
        std::ifstream list(folder_ / "list");
        std::string hash;
        std::string url;
        for (std::size_t i = 0; i < count_ && list >> hash >> url; ++i) {
            metainfo::Magnet magnet;
            const auto octets = from_hex(hash);
            if (!octets || octets->size() != sizeof(hash::Sha1)) return 1;
            std::ranges::copy(*octets, magnet.hash.v1.emplace().begin());
            add({.what = std::move(magnet)});
        }
        wait([&] { return finished_ == count_; });
        const double seeding = seconds_since(begin);
        const double seeding_cpu = cpu_seconds() - cpu;
        wait([&] { return announced(); });
        const double announced = seconds_since(begin);
        const double idle_cpu = cpu_seconds();
        rest(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(idle_seconds)));
        const double idle = (cpu_seconds() - idle_cpu) / idle_seconds;
        const auto load = session_->load();
        malloc_trim(0);
        const double per_resident =
            static_cast<double>(resident_bytes() - resident) / static_cast<double>(count_);
        const double per_heap = static_cast<double>(heap_bytes() - heap) / static_cast<double>(count_);
        const auto stopping = Clock::now();
        stop();
        std::printf(
            "{\"seeding\": %.2f, \"seeding_cpu\": %.2f, \"announced\": %.2f, \"awake\": %u, \"checks\": %zu, "
            "\"resident\": %.0f, "
            "\"heap\": %.0f, \"idle_cpu\": %.4f, \"stop\": %.2f}\n",
            seeding, seeding_cpu, announced, load.awake, checks_, per_resident, per_heap, idle,
            seconds_since(stopping));
        return 0;
    }

  private:
    void add(engine::AddTorrent torrent) {
        torrent.folder = (folder_ / "data").string();
        const auto id = session_->add(std::move(torrent));
        if (!id) std::exit(1);
    }
    template <class Done>
    void wait(const Done& done) {
        while (!done()) loop_.run_one(std::chrono::milliseconds(100));
    }
    void rest(Duration length) {
        const auto end = world_.reactor.now() + length;
        while (world_.reactor.now() < end) loop_.run_one(end - world_.reactor.now());
    }
    bool announced() {
        for (; told_ < count_; ++told_)
            if (!session_->status(engine::TorrentId(static_cast<std::uint32_t>(told_ + 1))).tracker_seeds)
                return false;
        return session_->load().announcing == 0;
    }
    void stop() {
        bool stopped = false;
        session_->stop([&] { stopped = true; });
        wait([&] { return stopped; });
    }
    void on_finished(engine::TorrentId) override { ++finished_; }
    void on_state(engine::TorrentId, engine::TorrentState state) override {
        checks_ += state == engine::TorrentState::checking ? 1 : 0;
    }
    void on_error(engine::TorrentId, const Error& error) override {
        std::fprintf(stderr, "%s\n", error.message().c_str());
        std::exit(1);
    }

    fs::path folder_;
    std::size_t count_;
    io_linux::Loop loop_{2};
    io::World world_;
    NoLog log_;
    std::unique_ptr<engine::Session> session_;
    std::size_t finished_ = 0;
    std::size_t checks_ = 0;
    std::size_t told_ = 0;  // whose tracker has answered
};

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) {
        std::fprintf(stderr, "usage: scale_torrents make|import|start FOLDER COUNT [URL|SECONDS]\n");
        return 2;
    }
    static_cast<void>(io_linux::raise_fd_limit());
    io_linux::ignore_broken_pipes();
    const std::string what = argv[1];
    const auto count = static_cast<std::size_t>(std::atoll(argv[3]));
    if (what == "make") return make(argv[2], count, argv[4]);
    if (what == "import") return Run(argv[2], count).import();
    return Run(argv[2], count).start(std::atof(argv[4]));
}
