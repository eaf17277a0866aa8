#include "apps/torrent_flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>

#include "apps/hash_watch.h"
#include "apps/size_text.h"
#include "apps/state_home.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "catalogue_client/catalogue_client.h"
#include "hash/digest.h"
#include "piece_store/resources.h"

namespace spate::apps {
namespace {

std::string check_address(const std::string& text) {
    return Address::parse(text) ? "" : "'" + text + "' is no address, for example 192.0.2.7 or ::";
}

}  // namespace

std::string resume_folder(const std::string& key) {
    static constexpr std::size_t key_octets = 8;
    const auto digest = hash::sha256(as_bytes(key));
    return state_home() + "/resume/" + to_hex(Bytes(digest).first(key_octets));
}

std::string check_tracker(const std::string& text) {
    const auto parsed = HostPort::parse(text, catalogue_client::default_port);
    return parsed && parsed->port != 0 ? "" : "'" + text + "' is no HOST or HOST:PORT";
}

unsigned pool_threads() {
    const piece_store::ResourceLimits limits;
    return usable_cores() + limits.read_jobs + limits.sync_jobs + limits.late_syncs;
}

std::string absolute_path(const std::string& path) {
    std::error_code error;
    // First: of a relative path that leads nowhere yet weakly_canonical() makes no absolute one.
    const auto absolute = std::filesystem::absolute(path, error);
    const auto real = std::filesystem::weakly_canonical(absolute, error);
    return (error ? absolute.lexically_normal() : real).string();
}

HostPort TorrentFlags::tracker_place() const {
    return *HostPort::parse(tracker, catalogue_client::default_port);
}

Telling TorrentFlags::telling() const {
    return json ? Telling::json : quiet ? Telling::quiet : Telling::plain;
}

engine::RateLimits TorrentFlags::peer_limits() const {
    engine::RateLimits limits;
    if (!limit_peer_down.empty()) limits.down = *parse_size(limit_peer_down);
    if (!limit_peer_up.empty()) limits.up = *parse_size(limit_peer_up);
    return limits;
}

TorrentRun::Settings TorrentFlags::settings(const SeedUntil& seed_by_default) const {
    TorrentRun::Settings settings;
    auto& session = settings.session;
    if (!bind.empty()) session.bind = *Address::parse(bind);
    if (port != 0) session.port_first = session.port_last = port;
    if (!limit_down.empty()) session.limits.down = *parse_size(limit_down);
    if (!limit_up.empty()) session.limits.up = *parse_size(limit_up);
    settings.loop_lag = loop_lag;
    settings.seed_until = seed_until.empty() ? seed_by_default : *SeedUntil::parse(seed_until);
    return settings;
}

void add_torrent_flags(CLI::App& command, TorrentFlags& flags) {
    command.add_option("--tracker", flags.tracker, "The tracker whose catalogue is meant")
        ->type_name("HOST[:PORT]")
        ->envname("SPATE_TRACKER")
        ->capture_default_str()
        ->check(check_tracker)
        ->each([&flags](const std::string&) { flags.tracker_given = true; });
    command
        .add_option("--port", flags.port,
                    "Where other peers reach us (default: the first free one of 6881 to 6889)")
        ->check(CLI::Range(1, 65'535).description(""));
    command.add_option("--bind", flags.bind, "Listen on this address only, and connect from it")
        ->type_name("ADDRESS")
        ->check(check_address);
    command
        .add_option("--limit-up", flags.limit_up, "Bytes a second to give at most, for example 512k or 20M")
        ->type_name("RATE")
        ->check(check_rate);
    command.add_option("--limit-down", flags.limit_down, "Bytes a second to take at most")
        ->type_name("RATE")
        ->check(check_rate);
    command.add_option("--limit-peer-up", flags.limit_peer_up, "The same for each peer")
        ->type_name("RATE")
        ->check(check_rate);
    command.add_option("--limit-peer-down", flags.limit_peer_down, "The same for each peer")
        ->type_name("RATE")
        ->check(check_rate);
    auto* quiet = command.add_flag("-q,--quiet", flags.quiet, "Print errors only");
    auto* json = command.add_flag("--json", flags.json, "Print one JSON object a line about what happens")
                     ->excludes(quiet);
    command
        .add_flag("--loop-lag", flags.loop_lag,
                  "Measure how late the network thread is and tell it, with --json, every second")
        ->needs(json);
}

}  // namespace spate::apps
