// GetFlags: what `spate get` was told. A plain value.
#pragma once

#include <string>
#include <vector>

#include "apps/torrent_flags.h"

namespace spate::apps {

struct GetFlags {
    TorrentFlags torrent;
    std::vector<std::string> sources;
    std::string folder = ".";
    std::vector<std::string> select;
    std::vector<std::string> peers;
    std::string timeout;
    std::string shards = "1";
    bool sequential = false;
    bool preallocate = false;
    bool check = false;
    bool overwrite = false;

    // What is remembered of this download, for a run of the same command.
    std::string state_folder() const;
    // A torrent is in one of them; beside each, a core is for disk and hashing.
    unsigned shard_count() const;
};

}  // namespace spate::apps
