// What an idle connection costs this program: heap bytes a Stream that waits to be read, both ends here. The
// kernel's own memory for a socket pair comes on top. Run: idle_connections_bench
#include <benchmark/benchmark.h>
#include <malloc.h>
#include <vector>

#include "io/linux/limits.h"
#include "io/linux/loop.h"

namespace {
using namespace spate;

struct Idle : io::StreamHandler {
    void on_readable() override {}
    void on_writable() override {}
};

struct Keeping : io::ListenerHandler {
    explicit Keeping(Idle& idle) : handler(idle) {}
    void on_accept(std::unique_ptr<io::Stream> stream) override { keep(std::move(stream)); }
    void on_accept_error(const Error&) override {}
    void keep(std::unique_ptr<io::Stream> stream) {
        stream->set_handler(handler);
        stream->wait_readable();
        streams.push_back(std::move(stream));
    }
    Idle& handler;
    std::vector<std::unique_ptr<io::Stream>> streams;
};

std::size_t heap_in_use() {
    return ::mallinfo2().uordblks;
}

void idle_connections(benchmark::State& state) {
    const auto pairs = static_cast<std::size_t>(state.range(0));
    static_cast<void>(io_linux::raise_fd_limit());
    double bytes = 0;
    for (auto _ : state) {
        Idle idle;
        Keeping keeping(idle);
        keeping.streams.reserve(2 * pairs);
        io_linux::Loop loop(1);
        const auto world = loop.world();
        const auto listener = world.network.listen({Address::loopback(), 0}, keeping).value();
        const std::size_t before = heap_in_use();
        for (std::size_t made = 0; made < pairs; ++made) {
            const auto pending = world.network.connect(
                listener->local(), [&](auto stream) { keeping.keep(std::move(stream.value())); });
            while (keeping.streams.size() < 2 * made + 2) loop.run_one(std::chrono::seconds(1));
        }
        bytes = static_cast<double>(heap_in_use() - before) / static_cast<double>(2 * pairs);
        keeping.streams.clear();
    }
    state.counters["bytes_a_stream"] = bytes;
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(idle_connections)->Arg(1'000)->Arg(5'000)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
