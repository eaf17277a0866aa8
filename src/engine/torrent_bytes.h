// A Metainfo as the octets of a .torrent file: the info dictionary as it came, piece layers and trackers.
// What read_torrent() reads back. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "metainfo/metainfo.h"

namespace spate::engine {

std::vector<std::uint8_t> torrent_bytes(const metainfo::Metainfo& metainfo);

}  // namespace spate::engine
