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
    std::uint16_t port = 0;  // 0: one of 6881 to 6889
    std::string bind;
    std::string limit_up;
    std::string limit_down;
    std::string seed_until;
    bool json = false;
    bool quiet = false;

    HostPort tracker_place() const;
    Telling telling() const;
    // folder: of the files; each has a resume state of its own, so that programs on different folders do not
    // wait for each other.
    TorrentRun::Settings settings(const std::string& folder, const SeedUntil& seed_by_default) const;
};

void add_torrent_flags(CLI::App& command, TorrentFlags& flags);

// Threads for disk and hashing beside the network's.
unsigned pool_threads();

// Absolute, without links where it is there.
std::string absolute_path(const std::string& path);

}  // namespace spate::apps
