// TorrentFlags: the options that `spate share` and `spate get` have in common. Thread: the program's start.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "apps/torrent_run.h"
#include "base/endpoint.h"

namespace CLI {
class App;
}

namespace spate::apps {

struct TorrentFlags {
    std::string tracker = "127.0.0.1:3456";
    bool tracker_given = false;  // not the default
    std::uint16_t port = 0;      // 0: one of 6881 to 6889
    std::string bind;
    std::string limit_up;
    std::string limit_down;
    std::string limit_peer_up;
    std::string limit_peer_down;
    std::string seed_until;
    bool json = false;
    bool quiet = false;
    bool loop_lag = false;

    HostPort tracker_place() const;
    Telling telling() const;
    engine::RateLimits peer_limits() const;
    TorrentRun::Settings settings(const SeedUntil& seed_by_default) const;
};

// Where what is remembered of a download lies: each call of the program has a state of its own, found again
// by `key`, so that none waits for another.
std::string resume_folder(const std::string& key);

// For CLI11: empty, or why it names no tracker.
std::string check_tracker(const std::string& text);

void add_torrent_flags(CLI::App& command, TorrentFlags& flags);

// Threads for disk and hashing beside the network's: however slow disks are, those that read or sync leave
// one a core.
unsigned pool_threads();

// Absolute, without links where it is there.
std::string absolute_path(const std::string& path);

}  // namespace spate::apps
