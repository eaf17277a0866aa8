#include "apps/tracker_program.h"

#include <csignal>
#include <cstdio>
#include <fmt/format.h>
#include <memory>
#include <unistd.h>
#include <utility>

#include "apps/command.h"
#include "apps/complaint.h"
#include "apps/json_line.h"
#include "base/log.h"
#include "catalogue/catalogue_service.h"
#include "io/linux/limits.h"
#include "io/linux/line_writer.h"
#include "io/linux/loop.h"
#include "tracker/tracker_server.h"

namespace spate::apps {

namespace {

// One line an event. The tracker never waits for who reads them, and goes on when nobody does.
class Teller final : public tracker::Events {
  public:
    Teller(Telling telling, io_linux::LineWriter& out, Log& log) : telling_(telling), out_(out), log_(log) {}

    void on_answered(const Endpoint& from, std::string_view what, std::string_view outcome) override {
        if (telling_ == Telling::plain) out_.write(fmt::format("{} {} -> {}", from.text(), what, outcome));
        if (telling_ == Telling::json)
            out_.write(json_line({{"event", "answered"},
                                  {"from", from.text()},
                                  {"request", json_text(what)},
                                  {"outcome", json_text(outcome)}}));
    }
    void on_turned_away(const Endpoint& from, std::string_view why) override {
        if (telling_ == Telling::plain) out_.write(fmt::format("{} turned away: {}", from.text(), why));
        if (telling_ == Telling::json)
            out_.write(
                json_line({{"event", "turned_away"}, {"from", from.text()}, {"reason", json_text(why)}}));
    }
    void on_trouble(const Error& error) override { log_.error(error.message()); }

    void greet(const std::string& greeting) {
        if (telling_ == Telling::plain && !greeting.empty()) out_.write(greeting);
    }
    void listening(const Endpoint& endpoint) {
        if (telling_ == Telling::plain) out_.write("listening on " + endpoint.text());
        if (telling_ == Telling::json)
            out_.write(json_line({{"event", "listening"}, {"endpoint", endpoint.text()}}));
    }

  private:
    Telling telling_;
    io_linux::LineWriter& out_;
    Log& log_;
};

std::string hint(const TrackerSettings& settings, const Error& error) {
    if (error.is(std::errc::address_in_use))
        return "another program listens there; stop it, or " + settings.other_place;
    if (error.is(std::errc::address_not_available))
        return "this machine has no such address; 0.0.0.0 stands for all that it has";
    const bool listens = error.operation == "listen on" || error.operation == "bind to";
    if (listens && error.is(std::errc::permission_denied))
        return "ports below 1024 need root; " + settings.other_place;
    return {};
}

Complainer complainer(const TrackerSettings& settings) {
    return {settings.program, settings.telling == Telling::json};
}

int complain_with_hint(const TrackerSettings& settings, const Error& error) {
    complain(complainer(settings), error);
    if (const auto advice = hint(settings, error); !advice.empty()) fmt::print(stderr, "  {}\n", advice);
    return exit_failed;
}

// Some descriptors stay free for the database, the .track files and the possession checks.
void fit_connections(tracker::ConnectionLimits& limits, Log& log) {
    constexpr std::size_t kept_free = 256;
    const auto descriptors = io_linux::raise_fd_limit();
    if (!descriptors) return log.warning(descriptors.error().message());
    const auto room = *descriptors > 2 * kept_free ? *descriptors - kept_free : *descriptors / 2;
    if (limits.connections_max <= room) return;
    limits.connections_max = room;
    log.warning(fmt::format("only {} connections at a time: this process may open {} files (ulimit -n)", room,
                            *descriptors));
}

}  // namespace

int run_tracker(const TrackerSettings& settings) {
    const auto log = make_stderr_log(LogLevel::warning);
    tracker::Options options = settings.options;
    fit_connections(options.limits, *log);
    if (settings.keeps_swarms)
        options.announce.swarm_folder = catalogue::state_folder_of(settings.state_folder);
    io_linux::Loop loop(1);
    const auto world = loop.world();
    auto catalogue = catalogue::CatalogueService::open(world.reactor, world.pool, world.files, *log,
                                                       settings.state_folder, settings.limits);
    if (!catalogue) return complain_with_hint(settings, catalogue.error());
    io_linux::ignore_broken_pipes();
    const auto out = io_linux::LineWriter::start(STDOUT_FILENO);
    if (!out) return complain(complainer(settings), out.error());
    Teller teller(settings.telling, **out, *log);
    auto server = tracker::TrackerServer::open(world, options, **catalogue, teller);
    if (!server) return complain_with_hint(settings, server.error());
    bool is_ending = false;
    const auto end = [&](int) {
        if (std::exchange(is_ending, true)) return loop.stop();  // asked twice: without saving
        (*server)->save_swarms([&] { loop.stop(); });
    };
    if (auto watched = loop.on_signal({SIGINT, SIGTERM}, end); !watched)
        return complain(complainer(settings), watched.error());
    teller.greet(settings.greeting);
    for (const auto& endpoint : (*server)->endpoints()) teller.listening(endpoint);
    loop.run();
    return exit_ok;
}

}  // namespace spate::apps
