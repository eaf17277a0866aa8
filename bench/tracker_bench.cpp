// tracker_bench: the classic tracker under load, as a process of its own on core 1 (all its threads), the
// load on core 0: requests a second, memory an entry and an idle connection, beside the machine's limit (a
// server that accepts, answers 20 bytes and closes).
//
//   bench/run tracker_bench [--requests N] [--entries N] [--idle N]
//
// A request is a connection of its own, as the classic protocol wants it; CPU seconds are the tracker's
// alone, from /proc. On a machine with one core both share it, and the rates say little.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <filesystem>
#include <fmt/core.h>
#include <functional>
#include <unistd.h>

#include "base/assert.h"
#include "bench/at_least.h"
#include "bench/child.h"
#include "io/linux/limits.h"
#include "io/linux/loop.h"
#include "io/linux/process.h"

namespace spate {
namespace {

using namespace std::chrono_literals;

// One connection: sends a request, reads the reply to its end, asks for the next.
class Asker final : public io::StreamHandler {
  public:
    Asker(io::World world, Endpoint tracker, std::function<std::optional<std::string>()> next)
        : world_(world), tracker_(tracker), next_(std::move(next)) {}

    void begin() {
        auto request = next_();
        if (!request) return;
        unsent_ = std::move(*request);
        connecting_ = world_.network.connect(tracker_, [this](Result<std::unique_ptr<io::Stream>> stream) {
            SPATE_ASSERT(stream.has_value());
            stream_ = std::move(*stream);
            stream_->set_handler(*this);
            const std::array parts{as_bytes(unsent_)};
            SPATE_ASSERT(stream_->write(parts)->count == unsent_.size());
            stream_->wait_readable();
        });
    }
    void on_readable() override {
        std::array<std::uint8_t, 16384> buffer;
        const auto transfer = stream_->read(buffer);
        SPATE_ASSERT(transfer.has_value());
        if (!transfer->at_end) return stream_->wait_readable();
        stream_.reset();
        begin();
    }
    void on_writable() override {}

  private:
    io::World world_;
    Endpoint tracker_;
    std::function<std::optional<std::string>()> next_;
    std::string unsent_;
    std::unique_ptr<io::Pending> connecting_;
    std::unique_ptr<io::Stream> stream_;
};

// The least a server can do: accept, read what is there, answer 20 bytes, close. One thread, blocking calls.
class LimitServer final : public io::ListenerHandler {
  public:
    explicit LimitServer(io::World world)
        : listener_(*world.network.listen({Address::loopback(), 0}, *this)) {}
    Endpoint endpoint() const { return listener_->local(); }
    void on_accept(std::unique_ptr<io::Stream> stream) override {
        auto& one = *connections_.emplace_back(std::make_unique<One>());
        one.stream = std::move(stream);
        one.stream->set_handler(one);
        one.stream->wait_readable();
        std::erase_if(connections_, [](const auto& c) { return c->stream == nullptr; });
    }
    void on_accept_error(const Error&) override {}

  private:
    struct One final : io::StreamHandler {
        std::unique_ptr<io::Stream> stream;
        void on_readable() override {
            std::array<std::uint8_t, 4096> buffer;
            (void)stream->read(buffer).has_value();
            const std::array parts{as_bytes("<createtracker succ>")};
            (void)stream->write(parts).has_value();
            stream.reset();
        }
        void on_writable() override {}
    };
    std::vector<std::unique_ptr<One>> connections_;
    std::unique_ptr<io::Listener> listener_;
};

struct Measured {
    double wall_seconds = 0;
    double cpu_seconds = 0;
};

// `count` requests over 32 connections at a time.
Measured ask_all(Child& server, std::size_t count, const std::function<std::string(std::size_t)>& request) {
    io_linux::Loop loop(1);
    std::size_t begun = 0, running = 0;
    std::vector<std::unique_ptr<Asker>> askers;
    const auto before = server.usage();
    const auto started = loop.world().reactor.now();
    for (int i = 0; i < 32; ++i) {
        ++running;
        askers.push_back(
            std::make_unique<Asker>(loop.world(), server.endpoint(), [&]() -> std::optional<std::string> {
                if (begun < count) return request(begun++);
                if (--running == 0) loop.stop();
                return std::nullopt;
            }));
        askers.back()->begin();
    }
    loop.run();
    const double wall = std::chrono::duration<double>(loop.world().reactor.now() - started).count();
    askers.clear();
    return {wall, server.usage().cpu_seconds - before.cpu_seconds};
}

void print_row(const std::string& what, std::size_t count, const Measured& measured) {
    const auto number = static_cast<double>(count);
    fmt::print("{:<44} {:>10.0f} {:>14.0f} {:>10.1f}\n", what, number / measured.wall_seconds,
               number / measured.cpu_seconds, measured.cpu_seconds / number * 1e6);
}

double per_idle_connection(Child& server, std::size_t count) {
    io_linux::Loop loop(1);
    std::vector<std::unique_ptr<io::Stream>> streams;
    std::vector<std::unique_ptr<io::Pending>> connecting;
    const auto before = server.usage().resident;
    const auto world = loop.world();
    std::size_t done = 0;
    std::function<void()> next = [&] {
        connecting.push_back(
            world.network.connect(server.endpoint(), [&](Result<std::unique_ptr<io::Stream>> stream) {
                SPATE_ASSERT(stream.has_value());
                streams.push_back(std::move(*stream));
                if (++done == count) return loop.stop();
                world.reactor.post([&] { next(); });
            }));
    };
    next();
    loop.run();
    // A request and its answer: everything before it was accepted.
    ask_all(server, 1, [](std::size_t) { return "<REQ LIST>\n"; });
    const auto after = server.usage().resident;
    return static_cast<double>(after - before) / static_cast<double>(count);
}

int run(int argc, char** argv) {
    std::size_t requests = 30'000, entries = 20'000, idle = 10'000;
    bool limit_server = false;
    CLI::App app("The classic tracker under load");
    app.add_option("--requests", requests, "Of each kind")->capture_default_str()->check(at_least(1));
    app.add_option("--entries", entries, "Made for the memory figure")
        ->capture_default_str()
        ->check(at_least(1));
    app.add_option("--idle", idle, "Connections for the memory figure")
        ->capture_default_str()
        ->check(at_least(1));
    app.add_flag("--limit-server", limit_server, "Used by the benchmark itself");
    CLI11_PARSE(app, argc, argv);
    (void)io_linux::raise_fd_limit().has_value();
    if (limit_server) {
        io_linux::Loop loop(1);
        LimitServer server(loop.world());
        fmt::print("{}\n", server.endpoint().text());
        std::fflush(stdout);
        loop.run();
        return 0;
    }
    const auto self = std::filesystem::read_symlink("/proc/self/exe");
    const auto spate = self.parent_path().parent_path() / "bin/spate";
    auto state = (std::filesystem::temp_directory_path() / "spate-bench-XXXXXX").string();
    SPATE_ASSERT(mkdtemp(state.data()) != nullptr);
    {
        stay_on_core(1);
        Child limit({self.string(), "--limit-server"});
        Child tracker({spate.string(), "tracker", "--listen", "127.0.0.1:0", "--state", state, "--possession",
                       "off", "--entries-max", "1000000", "--entries-per-address-max", "1000000", "--json"});
        stay_on_core(0);
        const std::string md5(32, 'a');
        fmt::print("{:<44} {:>10} {:>14} {:>10}\n", "one request a connection", "requests/s",
                   "per CPU second", "us CPU");
        print_row("limit: accept, read, answer, close", requests,
                  ask_all(limit, requests, [](std::size_t) { return "<REQ LIST>\n"; }));
        print_row("REQ LIST, empty", requests,
                  ask_all(tracker, requests, [](std::size_t) { return "<REQ LIST>\n"; }));
        const auto before = tracker.usage().resident;
        print_row("createtracker, stored before the reply", entries,
                  ask_all(tracker, entries, [&](std::size_t i) {
                      return fmt::format("<createtracker file-{:07}.bin 1000000 a_file {} 127.0.0.1 7000>\n",
                                         i, md5);
                  }));
        const auto per_entry =
            static_cast<double>(tracker.usage().resident - before) / static_cast<double>(entries);
        print_row("updatetracker, stored before the reply", requests,
                  ask_all(tracker, requests, [&](std::size_t i) {
                      return fmt::format("<updatetracker file-{:07}.bin 0 500000 127.0.0.1 {}>\n",
                                         i % entries, 8000 + i / entries);
                  }));
        print_row("GET tracker file", requests, ask_all(tracker, requests, [&](std::size_t i) {
                      return fmt::format("<GET file-{:07}.bin.track>\n", i % entries);
                  }));
        const auto per_connection = per_idle_connection(tracker, idle);
        fmt::print(
            "\nmemory of the tracker: {:.0f} bytes an entry ({} entries), {:.0f} bytes an idle connection "
            "({})\n",
            per_entry, entries, per_connection, idle);
    }
    std::filesystem::remove_all(state);
    return 0;
}

}  // namespace
}  // namespace spate

int main(int argc, char** argv) {
    return spate::run(argc, argv);
}
