// What the simulator's own tests share: idle processes whose world the test itself uses, and handlers that
// take notes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/testbed.h"

namespace spate::sim {

// A program that does nothing.
inline Program idle_program() {
    return [](const ProgramStart&) { return std::make_shared<int>(0); };
}

// Settings under which calls do all they can.
inline HostSettings plain_host() {
    HostSettings settings;
    settings.node.short_io = 0;
    settings.node.datagram_full = 0;
    return settings;
}

// Two hosts with an idle process each, and a connection between them when asked for.
class Pair : private io::ListenerHandler {
  public:
    explicit Pair(std::uint64_t seed) : Pair(seed, plain_host()) {}
    Pair(std::uint64_t seed, const HostSettings& settings)
        : testbed(seed),
          near(testbed.add_host("near", settings)),
          far(testbed.add_host("far", settings)),
          near_process(near.run("test", idle_program())),
          far_process(far.run("test", idle_program())) {}

    Simulation& simulation() { return testbed.simulation(); }
    NetworkModel& network() { return testbed.network(); }
    std::uint64_t marked(const char* name) { return simulation().log().marked(name); }
    bool run_until(const std::function<bool()>& done) {
        return simulation().run_until(done, std::chrono::minutes(10));
    }
    void run_for(Duration length) { simulation().run_for(length); }

    void listen() { listener = std::move(far_process.world().network.listen({Address(), 7}, *this).value()); }
    // The outcome of a connect; waits for it.
    std::error_code try_connect() {
        std::optional<std::error_code> code;
        const auto pending = near_process.world().network.connect({far.address(), 7}, [&](auto stream) {
            code = stream ? std::error_code() : stream.error().code;
            if (stream) near_stream = std::move(*stream);
        });
        run_until([&] { return code.has_value(); });
        return code.value_or(std::make_error_code(std::errc::timed_out));
    }
    void connect() {
        listen();
        if (!try_connect()) run_until([&] { return far_stream != nullptr; });
    }

    // One call; how many bytes, 0 when it would block or failed.
    static std::size_t write(io::Stream& stream, std::string_view text) {
        const std::array parts{as_bytes(text)};
        const auto sent = stream.write(parts);
        return sent ? sent->count : 0;
    }
    // All that is there now.
    static std::string read(io::Stream& stream) {
        std::string text;
        std::array<std::uint8_t, 1000> buffer;
        for (;;) {
            const auto got = stream.read(buffer);
            if (!got || got->count == 0) return text;
            text += as_text(Bytes(buffer).first(got->count));
        }
    }
    // The error of a read now; none for bytes, the end, or nothing there.
    static std::error_code read_error(io::Stream& stream) {
        std::array<std::uint8_t, 1> buffer;
        const auto got = stream.read(buffer);
        return got ? std::error_code() : got.error().code;
    }
    static bool at_end(io::Stream& stream) {
        std::array<std::uint8_t, 1> buffer;
        const auto got = stream.read(buffer);
        return got && got->at_end;
    }

    Testbed testbed;
    Host& near;
    Host& far;
    Process& near_process;
    Process& far_process;
    std::unique_ptr<io::Listener> listener;
    std::unique_ptr<io::Stream> near_stream;
    std::unique_ptr<io::Stream> far_stream;
    int accept_errors = 0;

  private:
    void on_accept(std::unique_ptr<io::Stream> stream) override { far_stream = std::move(stream); }
    void on_accept_error(const Error&) override { ++accept_errors; }
};

}  // namespace spate::sim
