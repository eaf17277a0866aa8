// bench-swarm-save: what it costs the tracker's loop to keep its swarms over a restart: the slices that are
// written down on the loop's thread, the longest of them, the file, and how long a start reads it. CPU time.
//
//   bench/run swarm_save_bench [--peers N] [--swarms N]
#include <CLI/CLI.hpp>
#include <chrono>
#include <ctime>
#include <fmt/core.h>

#include "base/assert.h"
#include "base/rng.h"
#include "bench/at_least.h"
#include "tracker/swarm_file.h"
#include "tracker/swarm_keeper.h"
#include "tracker/swarm_store.h"

namespace spate::tracker {
namespace {

constexpr TimePoint now{std::chrono::hours(3)};

// CPU time of this thread: what others do on the machine does not count.
double milliseconds() {
    timespec spent{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    return static_cast<double>(spent.tv_sec) * 1e3 + static_cast<double>(spent.tv_nsec) / 1e6;
}

struct Restoring final : SwarmFileReader::Sink {
    explicit Restoring(SwarmStore& s) : store(s) {}
    void on_client_key(const hash::SipKey& key) override { store.set_client_key(key); }
    void on_swarm(const KeptSwarm& swarm, WallTime) override { store.restore(swarm, {}, now); }
    SwarmStore& store;
};

void fill(SwarmStore& store, std::uint32_t peers, std::uint32_t swarms) {
    Rng rng(1);
    announce::AnnounceReply reply;
    for (std::uint32_t i = 0; i < peers; ++i) {
        announce::AnnounceRequest request;
        const auto swarm = static_cast<std::uint32_t>(rng.below(swarms));
        for (std::size_t at = 0; at < 4; ++at) {
            request.swarm[at] = static_cast<std::uint8_t>(swarm >> (8 * at));
            request.peer_id[at] = static_cast<std::uint8_t>(i >> (8 * at));
        }
        request.port = 6881;
        request.left = i % 2;
        const auto octet = [&](int shift) { return static_cast<std::uint8_t>(i >> shift); };
        store.announce(request, {Address::v4(60, octet(16), octet(8), octet(0)), 6881}, {0, false}, now,
                       reply);
    }
}

void run(std::uint32_t peers, std::uint32_t swarms) {
    SwarmLimits limits;
    limits.peers = limits.swarms = 100'000'000;
    SwarmStore store(limits, {1}, 1);
    fill(store, peers, swarms);
    std::vector<std::uint8_t> file, slice;
    double longest = 0, all = 0;
    std::size_t slices = 0;
    append_swarm_file_start(file, store.client_key());
    for (std::size_t shard = 0; shard < SwarmStore::shard_count; ++slices) {
        slice.clear();
        const auto start = milliseconds();
        while (shard < SwarmStore::shard_count && slice.size() < SwarmKeeper::slice_bytes)
            append_swarms(slice, store.shard(shard++), {}, now);
        const auto took = milliseconds() - start;
        longest = std::max(longest, took);
        all += took;
        file.insert(file.end(), slice.begin(), slice.end());
    }
    append_swarm_file_end(file);
    SwarmStore after(limits, {2}, 1);
    Restoring restoring(after);
    SwarmFileReader reader(restoring);
    const auto start = milliseconds();
    for (Bytes left = file; !left.empty(); left = left.subspan(std::min(left.size(), swarm_block_bytes_max)))
        SPATE_ASSERT(reader.feed(left.first(std::min(left.size(), swarm_block_bytes_max))));
    SPATE_ASSERT(reader.end());
    after.settle();
    const auto loading = milliseconds() - start;
    SPATE_ASSERT(after.totals().peers_v4 == store.totals().peers_v4);
    fmt::print(
        "{} peers in {} swarms: {} slices, {:.1f} ms in all, the longest {:.2f} ms; {:.1f} MB; read in "
        "{:.0f} ms\n",
        store.totals().peers_v4, store.totals().swarms, slices, all, longest,
        static_cast<double>(file.size()) / 1e6, loading);
}

}  // namespace
}  // namespace spate::tracker

int main(int argc, char** argv) {
    CLI::App app{"What it costs to keep the swarms"};
    std::uint32_t peers = 1'000'000, swarms = 100'000;
    app.add_option("--peers", peers)->check(spate::at_least(1));
    app.add_option("--swarms", swarms)->check(spate::at_least(1));
    CLI11_PARSE(app, argc, argv);
    spate::tracker::run(peers, swarms);
}
