// Sleeper: what is known of a torrent that sleeps: it has all that is wanted. A value. Owner: SessionTorrent.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "engine/torrent_status.h"
#include "metainfo/metainfo.h"

namespace spate::engine {

struct Sleeper {
    // Of one that was awake. left: Torrent::bytes_left().
    Sleeper(TorrentStatus status, std::uint64_t its_left)
        : name(std::move(status.name)),
          size(status.bytes_total),
          left(its_left),
          pieces_total(status.pieces_total),
          pieces_have(status.pieces_have) {}
    // Of one that was found whole.
    explicit Sleeper(std::shared_ptr<const metainfo::Metainfo> its_metainfo)
        : name(its_metainfo->info.name),
          size(its_metainfo->info.layout.total_size()),
          pieces_total(its_metainfo->info.layout.piece_count()),
          pieces_have(pieces_total),
          found(std::move(its_metainfo)) {}

    void fill(TorrentStatus& status) const {
        status.name = name;
        status.bytes_total = status.bytes_have = size;
        status.pieces_total = pieces_total;
        status.pieces_have = pieces_have;
        status.all_available = true;
        status.bar.assign(std::min<std::size_t>(TorrentStatus::bar_cells, pieces_total), 255);
    }

    std::string name;
    std::uint64_t size;  // of wanted pieces
    std::uint64_t left = 0;
    std::uint32_t pieces_total;
    std::uint32_t pieces_have;
    std::shared_ptr<const metainfo::Metainfo> found;  // while it is told that it is whole
};

}  // namespace spate::engine
