#include "apps/client_command.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <unistd.h>

#include "apps/client_teller.h"
#include "apps/complaint.h"
#include "apps/config_text.h"
#include "base/parse_number.h"
#include "base/printable.h"
#include "classic/classic_name.h"
#include "classic/config_file.h"
#include "classic_peer/receiver.h"
#include "classic_peer/sender.h"
#include "io/linux/limits.h"
#include "io/linux/loop.h"

namespace spate::apps {

namespace {

constexpr const char* program = "client";
constexpr int client_number_max = 1'000'000;
constexpr std::uint16_t original_port_base = 6360;  // the original's sender k listens on 6360 + k

struct Flags {
    std::string mode;
    std::string client;
    std::string tracker = "127.0.0.1:3456";
    std::string file;
    std::string folder;
    double interval = 2;
    double timeout = 0;
    std::string listen;
    int listen_port = 0;  // of a config file; 0: the original's
    std::string advertise;
    int senders = 5;
    std::string description;
    bool seed = false;
    bool once = false;
    bool json = false;
    std::string client_config;
    std::string server_config;

    int number() const { return parse_number<int>(std::string_view(client).substr(1)).value_or(0); }
    std::string label() const { return "client_" + std::to_string(number()); }
};

Duration seconds(double count) {
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(count));
}

std::string check_client(const std::string& text) {
    const bool lettered = !text.empty() && (text[0] == 'C' || text[0] == 'c');
    const auto number = lettered ? parse_number<int>(std::string_view(text).substr(1)) : std::nullopt;
    if (number && *number >= 1 && *number <= client_number_max) return {};
    return "'" + text + "' is no client: C and a number from 1, for example C6";
}

std::string check_tracker(const std::string& text) {
    const auto parsed = HostPort::parse(text, 3456);
    return parsed && parsed->port != 0 ? "" : "'" + text + "' is no HOST or HOST:PORT";
}

std::string check_listen(const std::string& text) {
    return Endpoint::parse(text) ? "" : "'" + text + "' is no ADDRESS:PORT, for example 0.0.0.0:6361";
}

std::string check_advertise(const std::string& text) {
    return classic::is_host_text(text) ? "" : "'" + text + "' is no address and no host name";
}

// What the assignment's config files say stands in for flags that were not given.
Result<void> read_configs(Flags& flags) {
    if (!flags.client_config.empty()) {
        const auto config = read_config(flags.client_config, classic::parse_client_config);
        if (!config) return fail(config.error());
        flags.tracker = HostPort{config->tracker_host, config->tracker_port}.text();
        flags.interval = static_cast<double>(config->update_interval.count());
    }
    if (!flags.server_config.empty()) {
        const auto config = read_config(flags.server_config, classic::parse_server_config);
        if (!config) return fail(config.error());
        flags.listen_port = config->listen_port;
        flags.folder = config->shared_folder;
    }
    return {};
}

// As the original, on this machine only; but with a tracker elsewhere the peers are elsewhere too.
Endpoint listen_endpoint(const Flags& flags) {
    if (!flags.listen.empty()) return *Endpoint::parse(flags.listen);
    const auto tracker = HostPort::parse(flags.tracker, 3456)->host;
    const auto address = Address::parse(tracker);
    const bool tracker_is_here = tracker == "localhost" || (address && address->is_loopback());
    const int port = flags.listen_port != 0 ? flags.listen_port : original_port_base + flags.number();
    return {tracker_is_here ? Address::loopback() : Address(),
            static_cast<std::uint16_t>(port <= 65535 ? port : 0)};
}

classic_peer::ServingOptions serving_options(const Flags& flags) {
    classic_peer::ServingOptions serving;
    serving.listen = listen_endpoint(flags);
    if (!flags.advertise.empty()) serving.advertise = flags.advertise;
    return serving;
}

std::optional<Duration> time_limit(const Flags& flags) {
    return flags.timeout > 0 ? std::optional(seconds(flags.timeout)) : std::nullopt;
}

int send(const Flags& flags, io_linux::Loop& loop, ClientTeller& teller) {
    classic_peer::SenderOptions options;
    options.label = flags.label();
    options.tracker = *HostPort::parse(flags.tracker, 3456);
    options.folder = flags.folder;
    if (!flags.file.empty()) options.file = flags.file;
    options.description = flags.description;
    options.sender = flags.number();
    options.senders = flags.senders;
    options.interval = seconds(flags.interval);
    options.timeout = time_limit(flags);
    options.once = flags.once;
    options.serving = serving_options(flags);
    const auto path = options.folder + "/" + options.file;
    if (std::error_code error; !std::filesystem::exists(path, error)) {
        return complain({program, flags.json},
                        fmt::format("{} has no file {}: put it there, or name another with --folder "
                                    "and --file",
                                    options.label, printable(path, 1000)));
    }
    auto world = loop.world();
    int code = exit_ok;
    classic_peer::Sender sender(world, options, teller);
    teller.on_finished = [&](int finished_code) {
        code = finished_code;
        loop.stop();
    };
    sender.start();
    loop.run();
    sender.stop([&] { loop.stop(); });
    loop.run();
    return code;
}

int receive(const Flags& flags, io_linux::Loop& loop, ClientTeller& teller) {
    classic_peer::ReceiverOptions options;
    options.label = flags.label();
    options.tracker = *HostPort::parse(flags.tracker, 3456);
    if (!flags.file.empty()) options.file = flags.file;
    options.folder = flags.folder;
    options.list_interval = options.refetch_interval = seconds(flags.interval);
    options.timeout = time_limit(flags);
    options.seed = flags.seed;
    options.serving = serving_options(flags);
    auto world = loop.world();
    int code = exit_interrupted;
    classic_peer::Receiver receiver(world, options, teller);
    teller.on_finished = [&](int finished_code) {
        code = finished_code;
        if (code != exit_ok || !flags.seed) loop.stop();
    };
    receiver.start();
    loop.run();
    bool saved = false;  // what came is kept for the next run
    receiver.stop([&] {
        saved = true;
        loop.stop();
    });
    if (!saved) loop.run();
    return code;
}

int run(Flags flags) {
    if (const auto read = read_configs(flags); !read) return complain({program, flags.json}, read.error());
    if (flags.folder.empty()) flags.folder = "test_clients/" + flags.label();
    (void)io_linux::raise_fd_limit().has_value();  // fewer descriptors only mean fewer connections
    io_linux::Loop loop(2);
    io_linux::ignore_broken_pipes();
    const auto out = io_linux::LineWriter::start(STDOUT_FILENO);
    if (!out) return complain({program, flags.json}, out.error());
    ClientTeller teller(loop.world().reactor, flags.json ? Telling::json : Telling::plain, flags.label(),
                        **out);
    if (const auto watched = loop.on_signal({SIGINT, SIGTERM}, [&](int) { loop.stop(); }); !watched)
        return complain({program, flags.json}, watched.error());
    return flags.mode == "TRACKER" ? send(flags, loop, teller) : receive(flags, loop, teller);
}

}  // namespace

void add_client_options(CLI::App& app, Chosen& chosen) {
    auto flags = std::make_shared<Flags>();
    app.footer(
        "Examples:\n"
        "  client LIST C6                  get the file the tracker lists into test_clients/client_6/\n"
        "  client TRACKER C1               share the first fifth of "
        "test_clients/client_1/picture-wallpaper.jpg\n"
        "  client LIST C6 --tracker 192.0.2.7 --file movie.avi --folder downloads --seed\n"
        "  client TRACKER C3 --senders 3 --interval 10 --once\n");
    app.add_option("MODE", flags->mode, "LIST: receive. TRACKER: send")
        ->required()
        ->transform(CLI::IsMember({"LIST", "TRACKER"}, CLI::ignore_case));
    app.add_option("CLIENT", flags->client, "C and a number: C1, C6, C42")->required()->check(check_client);
    app.add_option("--tracker", flags->tracker, "The tracker")
        ->type_name("HOST[:PORT]")
        ->capture_default_str()
        ->check(check_tracker);
    app.add_option("--file", flags->file,
                   "The file's name. picture-wallpaper.jpg unless given; LIST takes what else is listed")
        ->type_name("NAME");
    app.add_option("--folder", flags->folder, "Where the file is, or goes (default test_clients/client_N)")
        ->type_name("DIR");
    app.add_option("--interval", flags->interval, "Seconds between two 5 % parts, or two looks at the list")
        ->capture_default_str()
        ->check(CLI::Range(0.001, 86400.0).description(""));
    app.add_option("--timeout", flags->timeout, "Seconds to give up after; 0: never")
        ->capture_default_str()
        ->check(CLI::Range(0.0, 1e9).description(""));
    app.add_option("--senders", flags->senders, "How many senders share the file between them")
        ->capture_default_str()
        ->check(CLI::Range(1, client_number_max).description(""));
    app.add_option("--description", flags->description, "What the entry says about the file");
    app.add_option("--listen", flags->listen,
                   "Where to serve (default port 6360+N, any if that is taken; on 127.0.0.1 while the "
                   "tracker is on this machine)")
        ->type_name("ADDR:PORT")
        ->check(check_listen);
    app.add_option("--advertise", flags->advertise,
                   "The address others reach us at (default: as the tracker sees us)")
        ->type_name("HOST")
        ->check(check_advertise);
    app.add_flag("--seed", flags->seed, "LIST: share the file once it is there, until interrupted");
    app.add_flag("--once", flags->once, "TRACKER: end when every part was fetched");
    app.add_flag("--json", flags->json, "One JSON object a line about what happens");
    app.add_option("--client-config", flags->client_config,
                   "Tracker and interval from a clientThreadConfig.cfg")
        ->type_name("FILE");
    app.add_option("--server-config", flags->server_config, "Port and folder from a serverThreadConfig.cfg")
        ->type_name("FILE");
    app.callback([flags, &chosen] { chosen.run = [flags] { return run(*flags); }; });
}

void add_client_command(CLI::App& app, Chosen& chosen) {
    add_client_options(*app.add_subcommand("client", "The original system's peer: send and receive"), chosen);
}

}  // namespace spate::apps
