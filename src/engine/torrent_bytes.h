// A Metainfo as the octets that a resume row keeps, and back: a .torrent file of the info dictionary as it
// came, trackers, and the piece layers that are known, which after a magnet link need not be all. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "metainfo/metainfo.h"

namespace spate::engine {

std::vector<std::uint8_t> torrent_bytes(const metainfo::Metainfo& metainfo);
// CaseRule::keep, as all ways of adding a torrent: its files must have the names they had.
Result<metainfo::Metainfo> read_torrent_bytes(Bytes octets);

}  // namespace spate::engine
