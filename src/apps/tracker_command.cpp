#include "apps/tracker_command.h"

#include <CLI/CLI.hpp>
#include <map>
#include <memory>

#include "apps/state_home.h"
#include "apps/tracker_program.h"
#include "apps/word_choice.h"

namespace spate::apps {

namespace {

struct Flags {
    std::vector<std::string> listen;
    double check_seconds = 1.0;
    double request_seconds = 10;
    double idle_seconds = 60;
    std::int64_t peer_timeout = 900;
    std::uint32_t announce_interval = 1800;
    std::uint32_t save_seconds = 60;
    bool no_udp = false;
    std::uint32_t line_length = 8 * 1024;
    bool json = false;
    bool quiet = false;
    TrackerSettings settings;
};

const std::map<std::string, tracker::Possession> possession_words{
    {"off", tracker::Possession::off},
    {"warn", tracker::Possession::warn},
    {"require", tracker::Possession::require},
};

Duration seconds(double count) {
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(count));
}

std::string check_endpoint(const std::string& text) {
    return Endpoint::parse(text) ? ""
                                 : "'" + text + "' is no ADDRESS:PORT, for example 0.0.0.0:3456 or [::]:3456";
}

void add_limit_flags(CLI::App& command, Flags& flags) {
    auto& limits = flags.settings.limits;
    auto& connections = flags.settings.options.limits;
    const auto positive = CLI::Range(std::size_t{1}, std::size_t{1'000'000'000}).description("");
    const std::string group = "Limits";
    command.add_option("--entries-max", limits.entries, "Entries in all")
        ->capture_default_str()
        ->check(positive)
        ->group(group);
    command
        .add_option("--entries-per-address-max", limits.entries_per_source, "Entries made from one address")
        ->capture_default_str()
        ->check(positive)
        ->group(group);
    command.add_option("--peers-per-entry-max", limits.peers_per_entry, "Living peers of one entry")
        ->capture_default_str()
        ->check(positive)
        ->group(group);
    command.add_option("--connections-max", connections.connections_max, "Connections in all")
        ->capture_default_str()
        ->check(positive)
        ->group(group);
    command
        .add_option("--connections-per-address-max", connections.connections_per_source_max,
                    "Connections from one address")
        ->capture_default_str()
        ->check(positive)
        ->group(group);
    command.add_option("--line-length-max", flags.line_length, "Bytes of one request")
        ->capture_default_str()
        ->check(CLI::Range(64U, 1U << 20).description(""))
        ->group(group);
    command.add_option("--request-time", flags.request_seconds, "Seconds a request may take to arrive")
        ->capture_default_str()
        ->check(CLI::Range(0.1, 3600.0).description(""))
        ->group(group);
    command.add_option("--idle-time", flags.idle_seconds, "Seconds a connection may stay silent")
        ->capture_default_str()
        ->check(CLI::Range(0.1, 86400.0).description(""))
        ->group(group);
}

void add_announce_flags(CLI::App& command, Flags& flags) {
    auto& announce = flags.settings.options.announce;
    auto& swarms = announce.swarms;
    const std::string group = "BitTorrent announces";
    command.add_option("--announce-interval", flags.announce_interval, "Seconds between a peer's announces")
        ->capture_default_str()
        ->check(CLI::Range(10U, 7200U).description(""))
        ->group(group);
    command
        .add_option("--peers-per-reply", announce.peers_default, "Peers given to who does not say how many")
        ->capture_default_str()
        ->check(CLI::Range(1U, 200U).description(""))
        ->group(group);
    command.add_option("--swarms-max", swarms.swarms, "Swarms in all")
        ->capture_default_str()
        ->check(CLI::Range(std::size_t{1}, std::size_t{100'000'000}).description(""))
        ->group(group);
    command.add_option("--swarm-peers-max", swarms.peers, "Peers of all swarms")
        ->capture_default_str()
        ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000'000}).description(""))
        ->group(group);
    command.add_option("--peers-per-swarm-max", swarms.peers_per_swarm, "Peers of one swarm")
        ->capture_default_str()
        ->check(CLI::Range(1U, 10'000'000U).description(""))
        ->group(group);
    command
        .add_option("--swarm-peers-per-address-max", swarms.peers_per_source,
                    "Peers of one swarm at one address; this machine's own are not counted")
        ->capture_default_str()
        ->check(CLI::Range(1U, 65'535U).description(""))
        ->group(group);
    command
        .add_option("--announces-per-second", announce.requests_per_second,
                    "Announces and scrapes a second from one address; 0: no limit")
        ->capture_default_str()
        ->check(CLI::Range(0U, 1'000'000U).description(""))
        ->group(group);
    command
        .add_flag("--global-peers-only", swarms.global_addresses_only,
                  "Keep no peers with private or loopback addresses")
        ->group(group);
    command
        .add_option("--swarm-save-interval", flags.save_seconds,
                    "Seconds at most between two savings of who is in which swarm, for after a restart; few "
                    "peers are saved after 2; 0: none")
        ->capture_default_str()
        ->check(CLI::Range(0U, 3600U).description(""))
        ->group(group);
    command.add_flag("--no-udp", flags.no_udp, "Do not listen on UDP")->group(group);
    command.add_flag("--public-stats", announce.public_stats, "Answer /stats to everybody, not only locally")
        ->group(group);
}

// A peer that misses an announce by half an interval is gone.
void set_interval(tracker::AnnounceOptions& announce, std::uint32_t seconds) {
    announce.interval = std::chrono::seconds(seconds);
    announce.min_interval = announce.interval / 2;
    announce.swarms.peer_life = announce.interval * 3 / 2;
    announce.swarms.overdue = announce.interval * 11 / 10;
}

int run(Flags& flags) {
    auto& settings = flags.settings;
    if (!flags.listen.empty()) settings.options.listen.clear();
    for (const auto& text : flags.listen) settings.options.listen.push_back(*Endpoint::parse(text));
    settings.options.possession.time_max = seconds(flags.check_seconds);
    settings.options.limits.request_time_max = seconds(flags.request_seconds);
    settings.options.limits.idle_time_max = seconds(flags.idle_seconds);
    settings.options.limits.line_length_max = flags.line_length;
    settings.limits.peer_timeout = std::chrono::seconds(flags.peer_timeout);
    settings.options.announce.requests_burst = settings.options.announce.requests_per_second * 10;
    settings.options.announce.udp = !flags.no_udp;
    set_interval(settings.options.announce, flags.announce_interval);
    settings.keeps_swarms = flags.save_seconds > 0;
    settings.options.announce.swarm_save_pause = std::chrono::seconds(flags.save_seconds);
    settings.program = "spate tracker";
    settings.telling = flags.json ? Telling::json : flags.quiet ? Telling::quiet : Telling::plain;
    settings.greeting = "spate tracker, state in " + settings.state_folder;
    return run_tracker(settings);
}

}  // namespace

void add_tracker_command(CLI::App& app, Chosen& chosen) {
    auto flags = std::make_shared<Flags>();
    flags->settings.state_folder = state_home() + "/tracker";
    auto* command = app.add_subcommand("tracker", "Keep track of who shares which file");
    command->footer(
        "Examples:\n"
        "  spate tracker                                    on 127.0.0.1:3456, for this machine only\n"
        "  spate tracker --listen 0.0.0.0:3456              for everybody who reaches this machine\n"
        "  spate tracker --possession require               entries only from who shows that it has the "
        "file\n"
        "  spate tracker --state /srv/spate --peer-timeout 300\n");
    auto& settings = flags->settings;
    command
        ->add_option("--listen", flags->listen,
                     "Address and port; may be given again (default 127.0.0.1:3456)")
        ->type_name("ADDR:PORT")
        ->check(check_endpoint);
    command
        ->add_option("--state", settings.state_folder,
                     "Folder of the entries and the .track files, made if missing")
        ->type_name("DIR")
        ->capture_default_str();
    command->add_option("--peer-timeout", flags->peer_timeout, "Seconds after which a silent peer is dead")
        ->capture_default_str()
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{31'536'000}).description(""));
    command
        ->add_option(
            "--possession", settings.options.possession.mode,
            "off: believe everybody; warn: refuse who cannot give the chunks asked for; require: and who "
            "cannot be reached")
        ->transform(one_of(possession_words))
        ->type_name("off|warn|require")
        ->default_str("warn");
    command->add_flag("--possession-any-address", settings.options.possession.any_address,
                      "Check at the announced address even if the request came from another one");
    command->add_option("--possession-time", flags->check_seconds, "Seconds a check may take")
        ->capture_default_str()
        ->check(CLI::Range(0.05, 60.0).description(""));
    auto* json = command->add_flag("--json", flags->json, "One JSON object a line about what happens");
    command->add_flag("-q,--quiet", flags->quiet, "Say nothing about requests")->excludes(json);
    add_announce_flags(*command, *flags);
    add_limit_flags(*command, *flags);
    command->callback([flags, &chosen] { chosen.run = [flags] { return run(*flags); }; });
}

}  // namespace spate::apps
