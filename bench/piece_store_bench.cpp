// What the piece store costs per byte: blocks in (copy, hash, write), blocks out (read, look at), a full
// check.
//   piece_store_bench FOLDER [--size 1G] [--piece 512K] [--version v1|v2|hybrid] [--threads 1] [--rounds 3]
//                     [--budget 64M]
// FOLDER: where the file is made, on a tmpfs to leave the disk out. In: 16 KiB blocks from a buffer that
// stays in the cache, as after a socket's read. Out: every block once, summed up word by word ("look") or
// copied to one buffer, as a socket's write does ("copy"). A line each: GB/s by the clock, CPU seconds of the
// process for a GiB, pool jobs for a GiB.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <vector>

#include "base/rng.h"
#include "hash/lanes.h"
#include "hash/merkle.h"
#include "io/linux/loop.h"
#include "metainfo/torrent_reader.h"
#include "metainfo/torrent_writer.h"
#include "piece_store/piece_store.h"

namespace {

using namespace spate;
using metainfo::PieceIndex;

struct Settings {
    std::string folder;
    std::uint64_t size = std::uint64_t{1} << 30;
    std::uint64_t piece = 512 << 10;
    metainfo::TorrentVersion version = metainfo::TorrentVersion::v1;
    std::size_t threads = 1;
    int rounds = 3;
    std::uint64_t budget = 64 << 20;
};

[[noreturn]] void die(const std::string& why, int code = 1) {
    std::fprintf(stderr, "piece_store_bench: %s\n", why.c_str());
    std::exit(code);
}

std::uint64_t bytes_of(const std::string& text) {
    char* end = nullptr;
    const auto number = std::strtoull(text.c_str(), &end, 10);
    const auto shift = *end == 'G' ? 30 : *end == 'M' ? 20 : *end == 'K' ? 10 : 0;
    return number << shift;
}

Settings parse(int argc, char** argv) {
    Settings settings;
    if (argc < 2)
        die("usage: piece_store_bench FOLDER [--size 1G] [--piece 512K] [--version v1|v2|hybrid] ...", 2);
    settings.folder = argv[1];
    for (int i = 2; i + 1 < argc; i += 2) {
        const std::string_view name = argv[i];
        const std::string value = argv[i + 1];
        if (name == "--size") settings.size = bytes_of(value);
        if (name == "--piece") settings.piece = bytes_of(value);
        if (name == "--budget") settings.budget = bytes_of(value);
        if (name == "--threads") settings.threads = bytes_of(value);
        if (name == "--rounds") settings.rounds = std::atoi(value.c_str());
        if (name == "--version")
            settings.version = value == "v1"   ? metainfo::TorrentVersion::v1
                               : value == "v2" ? metainfo::TorrentVersion::v2
                                               : metainfo::TorrentVersion::hybrid;
    }
    if (settings.rounds < 1 || settings.size == 0 || settings.piece == 0 || settings.threads == 0)
        die("--rounds, --size, --piece and --threads begin at 1", 2);
    return settings;
}

// All pieces hold the same bytes: one block's, again and again.
std::shared_ptr<const metainfo::Metainfo> make_metainfo(const Settings& settings, Bytes block) {
    metainfo::NewTorrent plan;
    plan.version = settings.version;
    plan.name = "piece_store_bench.data";
    plan.single_file = true;
    plan.piece_length = settings.piece;
    plan.files.push_back({{plan.name}, settings.size});
    const auto layout = metainfo::plan_layout(plan).value();
    metainfo::TorrentHashes hashes;
    std::vector<std::uint8_t> piece;
    while (piece.size() < settings.piece) piece.insert(piece.end(), block.begin(), block.end());
    if (settings.version != metainfo::TorrentVersion::v2)
        hashes.v1_pieces.assign(layout.piece_count(), hash::sha1(piece));
    if (settings.version != metainfo::TorrentVersion::v1) {
        hash::MerkleBuilder builder(metainfo::piece_layer_height(settings.piece));
        const std::vector<hash::Sha256> leaves(settings.piece / metainfo::block_size, hash::sha256(block));
        for (std::uint32_t i = 0; i < layout.piece_count(); ++i) builder.add(leaves);
        auto tree = builder.finish();
        hashes.v2_files.push_back({tree.root, std::move(tree.piece_layer)});
    }
    const auto written = metainfo::write_torrent(plan, layout, hashes);
    return std::make_shared<const metainfo::Metainfo>(
        metainfo::read_torrent(as_bytes(written.torrent)).value());
}

class CountingPool final : public io::WorkPool {
  public:
    explicit CountingPool(io::WorkPool& pool) : pool_(pool) {}
    void submit(io::Callback job, io::Callback on_done) override {
        ++jobs;
        pool_.submit(std::move(job), std::move(on_done));
    }
    std::uint64_t jobs = 0;

  private:
    io::WorkPool& pool_;
};

struct Counted final : piece_store::StoreEvents {
    void on_verdicts(std::span<const piece_store::PieceVerdict> verdicts) override {
        for (const auto& verdict : verdicts) {
            if (verdict.outcome != piece_store::PieceVerdict::Outcome::good) die("a piece is not right");
            ++good;
        }
    }
    void on_lost(std::span<const PieceIndex>, const Error& why) override { die(why.message()); }
    std::uint32_t good = 0;
};

double cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

class Bench {
  public:
    explicit Bench(const Settings& settings)
        : settings_(settings),
          loop_(settings.threads),
          pool_(loop_.world().pool),
          block_(metainfo::block_size) {
        Rng rng(1);
        for (auto& octet : block_) octet = static_cast<std::uint8_t>(rng.next());
        for (int i = 0; i < 16; ++i) socket_.insert(socket_.end(), block_.begin(), block_.end());
        metainfo_ = make_metainfo(settings, block_);
    }

    void run() {
        for (int round = 0; round < settings_.rounds; ++round) {
            open({.metainfo = metainfo_, .folder = settings_.folder});
            measure("in", [&] { in(); });
            measure("out, look", [&] { out(false); });
            measure("out, copy", [&] { out(true); });
            open({.metainfo = metainfo_, .folder = settings_.folder, .trust = piece_store::Trust::none});
            measure("check", [&] { check(); });
            bool removed = false;
            store_->remove_files([&](Result<void>) { removed = true; });
            turn_until(removed);
        }
        store_.reset();
    }

  private:
    void turn_until(const bool& done) {
        while (!done) loop_.run_one(std::chrono::seconds(1));
    }
    void open(piece_store::StoreOptions options) {
        store_ = std::make_unique<piece_store::PieceStore>(world_, resources_, events_, std::move(options));
        bool opened = false;
        store_->open([&](Result<piece_store::Opened> result) {
            if (!result) die(result.error().message());
            opened = true;
        });
        turn_until(opened);
    }
    template <class Work>
    void measure(const char* name, Work work) {
        pool_.jobs = 0;
        const auto cpu = cpu_seconds();
        const auto start = std::chrono::steady_clock::now();
        work();
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
        const double gib = static_cast<double>(settings_.size) / (1 << 30);
        std::printf("%-10s %6.2f GB/s  %.3f CPU s/GiB  %6.0f jobs/GiB\n", name,
                    static_cast<double>(settings_.size) / taken.count() * 1e-9, (cpu_seconds() - cpu) / gib,
                    static_cast<double>(pool_.jobs) / gib);
        std::fflush(stdout);
    }
    std::uint32_t pieces() const { return metainfo_->info.layout.piece_count(); }
    std::uint32_t piece_size(std::uint32_t piece) const {
        return metainfo_->info.layout.piece_size(PieceIndex(piece));
    }

    void in() {
        events_.good = 0;
        std::size_t at_socket = 0;
        for (std::uint32_t piece = 0; piece < pieces(); ++piece) {
            for (std::uint32_t at = 0; at < piece_size(piece); at += metainfo::block_size) {
                store_->write(piece_store::Source(1), PieceIndex(piece), at,
                              Bytes(socket_).subspan(at_socket, metainfo::block_size));
                at_socket = (at_socket + metainfo::block_size) % socket_.size();
                if (at_socket == 0) loop_.run_one(Duration::zero());
            }
            store_->verify(PieceIndex(piece));
            while (!resources_.budget().accepting()) loop_.run_one(std::chrono::seconds(1));
        }
        store_->hurry();
        while (events_.good < pieces()) loop_.run_one(std::chrono::seconds(1));
    }

    void send(Bytes bytes, bool copy) {
        if (copy) {
            std::memcpy(socket_.data(), bytes.data(), bytes.size());
            return;
        }
        for (std::size_t i = 0; i + 8 <= bytes.size(); i += 64) {
            std::uint64_t word = 0;
            std::memcpy(&word, bytes.data() + i, 8);
            sum_ += word;
        }
    }
    void out(bool copy) {
        for (std::uint32_t piece = 0; piece < pieces(); ++piece) {
            for (std::uint32_t at = 0; at < piece_size(piece); at += metainfo::block_size) {
                const auto size = std::min(metainfo::block_size, piece_size(piece) - at);
                if (const auto view = store_->cached(PieceIndex(piece), at, size)) {
                    send(view->bytes(), copy);
                    continue;
                }
                bool done = false;
                store_->read(PieceIndex(piece), at, size, [&](Result<piece_store::BlockView> view) {
                    if (!view) die(view.error().message());
                    send(view->bytes(), copy);
                    done = true;
                });
                turn_until(done);
            }
        }
    }
    void check() {
        bool done = false;
        store_->check([&](Result<void>) { done = true; });
        turn_until(done);
        if (!store_->have().all()) die("the check missed pieces");
    }

    const Settings settings_;
    io_linux::Loop loop_;
    CountingPool pool_;
    io::World plain_ = loop_.world();
    io::World world_{plain_.reactor, plain_.network, plain_.resolver, plain_.files, pool_, plain_.random};
    piece_store::Resources resources_{
        world_, {.write_bytes = settings_.budget, .jobs = static_cast<unsigned>(settings_.threads)}};
    Counted events_;
    std::vector<std::uint8_t> block_;
    std::vector<std::uint8_t> socket_;
    std::shared_ptr<const metainfo::Metainfo> metainfo_;
    std::unique_ptr<piece_store::PieceStore> store_;
    std::uint64_t sum_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    Bench(parse(argc, argv)).run();
    return 0;
}
