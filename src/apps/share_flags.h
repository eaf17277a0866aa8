// ShareFlags: what `spate share` was told. A plain value.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/hash_watch.h"
#include "apps/torrent_flags.h"
#include "engine/add_torrent.h"
#include "metainfo/torrent_writer.h"

namespace spate::apps {

struct ShareFlags {
    TorrentFlags torrent;
    std::vector<std::string> paths;
    std::string name;
    std::optional<std::string> description;
    std::string part;
    std::string piece_size;
    bool v1 = false;
    bool v2 = false;
    bool hybrid = false;
    bool keep_seeding = false;
    bool super_seed = false;
    bool replace = false;
    unsigned jobs = usable_cores();

    metainfo::TorrentVersion version() const {
        using enum metainfo::TorrentVersion;
        return this->v2       ? metainfo::TorrentVersion::v2
               : this->hybrid ? metainfo::TorrentVersion::hybrid
                              : metainfo::TorrentVersion::v1;
    }
};

}  // namespace spate::apps
