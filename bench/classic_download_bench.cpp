// Download speed of the classic protocol over loopback: one receiver, N senders each on a thread of its own,
// 1 KiB chunks. Arguments: senders, and whether requests are pipelined (our own peers) or plain (a connection
// a chunk, as to others). The receiver is given the tracker file as if from an earlier run: no tracker is
// measured.
#include <benchmark/benchmark.h>
#include <filesystem>
#include <fstream>
#include <latch>
#include <thread>

#include "base/hex.h"
#include "base/rng.h"
#include "classic/tracker_file.h"
#include "classic_peer/chunk_server.h"
#include "classic_peer/receiver.h"
#include "io/linux/loop.h"

namespace {

using namespace spate;
using namespace spate::classic_peer;

constexpr const char* name = "bench.bin";

struct Silent final : PeerEvents {};

struct Awaited final : PeerEvents {
    explicit Awaited(io_linux::Loop& loop_given) : loop(loop_given) {}
    void on_receiver_finished(ReceiverOutcome result, const Error&) override {
        outcome = result;
        loop.stop();
    }
    io_linux::Loop& loop;
    ReceiverOutcome outcome = ReceiverOutcome::failed;
};

class ServingThread {
  public:
    explicit ServingThread(const std::string& folder) : thread_([this, folder] { run(folder); }) {
        ready_.wait();
    }
    ~ServingThread() { loop_.stop(); }
    std::uint16_t port() const { return port_; }
    const ServedFile::Opened& opened() const { return opened_; }

  private:
    void run(const std::string& folder) {
        io::World world = loop_.world();
        Silent events;
        ServedFile file(world, folder, name);
        std::unique_ptr<ChunkServer> server;
        file.open([&](Result<ServedFile::Opened> opened) {
            opened_ = opened.value();
            server = std::make_unique<ChunkServer>(world, ServingOptions{}, name, file, opened_.size, events,
                                                   ChunkServer::Handlers{[](const Error&) {}, [] {}});
            port_ = server->listen().value().port;
            server->open_whole(true);
            ready_.count_down();
        });
        loop_.run();
    }

    io_linux::Loop loop_{1};
    std::uint16_t port_ = 0;
    ServedFile::Opened opened_;
    std::latch ready_{1};
    std::jthread thread_;
};

void download(benchmark::State& state) {
    const auto folder = std::filesystem::temp_directory_path() / "spate-classic-bench";
    const auto target = folder / "target";
    std::filesystem::create_directories(folder);
    const std::uint64_t size = state.range(1) != 0 ? 256 << 20 : 8 << 20;
    {
        Rng rng(1);
        std::string data(size, '\0');
        for (char& byte : data) byte = static_cast<char>(rng.next());
        std::ofstream(folder / name, std::ios::binary) << data;
    }
    std::vector<std::unique_ptr<ServingThread>> senders;
    for (int i = 0; i < state.range(0); ++i) senders.push_back(std::make_unique<ServingThread>(folder));
    classic::TrackerFile entry{name, size, "", to_hex(senders[0]->opened().md5), {}, 0};
    for (const auto& sender : senders) entry.peers.push_back({"127.0.0.1", sender->port(), 0, size, {}});

    for (auto _ : state) {
        state.PauseTiming();
        std::filesystem::remove_all(target);
        io_linux::Loop loop(1);
        io::World world = loop.world();
        if (!cache_tracker_file(world.files, target, name, classic::write_tracker_file(entry))) return;
        state.ResumeTiming();
        Awaited events(loop);
        ReceiverOptions options;
        options.tracker = {"127.0.0.1", 9};
        options.file = name;
        options.folder = target;
        options.links.pipeline = state.range(1) != 0;
        Receiver receiver(world, options, events);
        receiver.start();
        loop.run();
        if (events.outcome != ReceiverOutcome::received) state.SkipWithError("not received");
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(size) * state.iterations());
    senders.clear();
    std::filesystem::remove_all(folder);
}

}  // namespace

BENCHMARK(download)
    ->ArgNames({"senders", "pipelined"})
    ->ArgsProduct({{1, 2, 5}, {0, 1}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

BENCHMARK_MAIN();
