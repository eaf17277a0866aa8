// What reading a peer's stream costs beside the bytes themselves: 256 KiB reads of 16 KiB blocks, of
// requests, and of have messages.
#include <benchmark/benchmark.h>

#include "wire/peer_wire.h"
#include "wire/write.h"

using namespace spate;
using namespace spate::wire;

namespace {

constexpr std::size_t read_size = 256 << 10;

void read_all(benchmark::State& state, const Buffer& stream) {
    PeerWire wire({.fast = true, .extended = true, .piece_count = 100'000, .offered = {}});
    std::vector<Event> events;
    std::size_t count = 0;
    for (auto _ : state) {
        for (Bytes rest(stream); !rest.empty();) {
            const Bytes part = rest.first(std::min(rest.size(), read_size));
            events.clear();
            if (!wire.feed(part, events)) state.SkipWithError("refused");
            benchmark::DoNotOptimize(events.data());
            count += events.size();
            rest = rest.subspan(part.size());
        }
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(stream.size()));
    state.SetItemsProcessed(static_cast<std::int64_t>(count));
}

void blocks(benchmark::State& state) {
    Buffer stream;
    while (stream.size() < 4 << 20) {
        const auto header = piece_header({PieceIndex(7), 0, 16384});
        stream.insert(stream.end(), header.begin(), header.end());
        stream.resize(stream.size() + 16384);
    }
    read_all(state, stream);
}
BENCHMARK(blocks);

void requests(benchmark::State& state) {
    Buffer stream;
    while (stream.size() < 1 << 20) append(stream, Request{{PieceIndex(7), 16384, 16384}});
    read_all(state, stream);
}
BENCHMARK(requests);

void haves(benchmark::State& state) {
    Buffer stream;
    while (stream.size() < 1 << 20) append(stream, Have{PieceIndex(7)});
    read_all(state, stream);
}
BENCHMARK(haves);

}  // namespace

BENCHMARK_MAIN();
