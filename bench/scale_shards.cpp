// Many torrents between programs of one or more shards; bench/scale runs it.
//   scale_shards seed FOLDER SHARDS TORRENTS MIB          shares them; prints the port of each, and what it
//   has
//                                                         used when it gets a signal
//   scale_shards get FOLDER SHARDS TORRENTS MIB PORT...   fetches them all from there, a port a torrent
// Prints JSON objects, a line each.
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "bench/own_usage.h"
#include "engine/shards.h"
#include "io/linux/limits.h"
#include "io/linux/loop_thread.h"
#include "tests/sample_torrent.h"

namespace {

using namespace spate;
namespace fs = std::filesystem;

constexpr std::uint64_t piece_size = 256 << 10;

class Run final : public engine::SessionEvents {
  public:
    Run(fs::path folder, unsigned shards) : folder_(std::move(folder)) {
        fs::create_directories(folder_);
        engine::SessionOptions options;
        options.bind = Address::loopback();
        options.port_first = options.port_last = 0;
        std::vector<io::World> worlds;
        if (shards == 1) worlds.push_back(loop_.world());
        for (unsigned i = 0; shards > 1 && i < shards; ++i)
            worlds.push_back(threads_.emplace_back(std::make_unique<io_linux::LoopThread>(loop_))->world());
        shards_ = std::make_unique<engine::Shards>(loop_.world(), worlds, options, *this, log_);
        bool started = false;
        shards_->start([&](const auto& ports) { started = ports.has_value(); });
        wait([&] { return started; });
    }
    ~Run() override {
        for (auto& thread : threads_) thread->stop();
    }

    int seed(std::size_t count, std::uint64_t size) {
        std::vector<engine::TorrentId> ids;
        for (std::size_t i = 0; i < count; ++i) {
            auto sample = torrent(i, size);
            std::ofstream(folder_ / sample.metainfo.info.name, std::ios::binary)
                .write(reinterpret_cast<const char*>(sample.files.front().second.data()),
                       static_cast<std::streamsize>(size));
            ids.push_back(add({.what = std::move(sample.metainfo), .on_disk = engine::OnDisk::just_hashed}));
        }
        wait([&] { return finished_ == count; });
        for (const auto id : ids) std::printf("%u ", shards_->port_of(id));
        std::puts("");
        std::fflush(stdout);
        const double cpu = cpu_seconds();
        if (!loop_.on_signal({SIGTERM}, [this](int) { loop_.stop(); })) return 1;
        loop_.run();
        std::printf("{\"cpu\": %.2f}\n", cpu_seconds() - cpu);
        return 0;
    }

    int get(std::size_t count, std::uint64_t size, char** ports) {
        std::vector<engine::AddTorrent> all;
        for (std::size_t i = 0; i < count; ++i) {
            all.push_back({.what = torrent(i, size).metainfo});
            all.back().peers = {{"127.0.0.1", static_cast<std::uint16_t>(std::atoi(ports[i]))}};
        }
        const double cpu = cpu_seconds();
        const auto begin = std::chrono::steady_clock::now();
        for (auto& one : all) add(std::move(one));
        wait([&] { return finished_ == count; });
        std::printf("{\"seconds\": %.2f, \"cpu\": %.2f}\n",
                    std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(),
                    cpu_seconds() - cpu);
        return 0;
    }

  private:
    // The same in each program. Private: the receivers do not serve each other.
    static testing::SampleTorrent torrent(std::size_t number, std::uint64_t size) {
        Rng rng(number + 1);
        auto sample = testing::SampleTorrent::make("file-" + std::to_string(number), {{"", size}}, piece_size,
                                                   metainfo::TorrentVersion::v1, rng);
        sample.metainfo.info.private_torrent = true;
        return sample;
    }
    engine::TorrentId add(engine::AddTorrent torrent) {
        torrent.folder = folder_.string();
        const auto id = shards_->add(std::move(torrent));
        if (!id) std::exit(1);
        return *id;
    }
    template <class Done>
    void wait(const Done& done) {
        while (!done()) loop_.run_one(std::chrono::milliseconds(100));
    }
    void on_finished(engine::TorrentId) override { ++finished_; }
    void on_error(engine::TorrentId, const Error& error) override {
        std::fprintf(stderr, "%s\n", error.message().c_str());
        std::exit(1);
    }

    fs::path folder_;
    NoLog log_;
    io_linux::Loop loop_{2};
    std::vector<std::unique_ptr<io_linux::LoopThread>> threads_;
    std::unique_ptr<engine::Shards> shards_;
    std::size_t finished_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc < 6) {
        std::fprintf(stderr, "usage: scale_shards seed|get FOLDER SHARDS TORRENTS MIB [PORT...]\n");
        return 2;
    }
    static_cast<void>(io_linux::raise_fd_limit());
    io_linux::ignore_broken_pipes();
    Run run(argv[2], static_cast<unsigned>(std::atoi(argv[3])));
    const auto count = static_cast<std::size_t>(std::atoll(argv[4]));
    const auto size = static_cast<std::uint64_t>(std::atoll(argv[5])) << 20;
    if (std::string_view(argv[1]) == "seed") return run.seed(count, size);
    if (static_cast<std::size_t>(argc) < 6 + count) return 2;
    return run.get(count, size, argv + 6);
}
