// FoundSource: what a person named, found: something to download. A plain value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/add_torrent.h"

namespace spate::apps {

struct ClassicOnly {
    engine::ClassicEntry entry;
    std::uint64_t size = 0;
};

struct FoundSource {
    std::variant<metainfo::Metainfo, metainfo::Magnet, ClassicOnly> what;
    std::vector<std::string> trackers = {};            // announce URLs besides those it names itself
    std::optional<engine::ClassicEntry> classic = {};  // of a torrent that classic peers know too
};

}  // namespace spate::apps
