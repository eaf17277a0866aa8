// Metainfo: what a .torrent file says (BEP 3, 12, 19, 27, 47, 52). v1, v2 or hybrid; every value was checked
// against limits.h and, for hybrids, both halves against each other. Holds its own copy of the raw info
// dictionary, over which the info-hash was taken and from which peers are served. Immutable but for
// add_piece_layer; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/endpoint.h"
#include "base/result.h"
#include "metainfo/file_layout.h"
#include "metainfo/info_hash.h"
#include "metainfo/piece_layers.h"

namespace spate::metainfo {

struct RenamedFile {
    FileIndex file;
    std::string
        original;  // the path as it was, at most renamed_bytes_max; through printable() before it is shown
};

// The part that peers agree on: the info dictionary.
struct Info {
    std::vector<std::uint8_t> raw;
    InfoHash hash;
    std::string name;           // clean (clean_path.h): the single file's name or the root folder
    std::string original_name;  // as it was; through printable() before it is shown
    std::string source;
    bool private_torrent = false;
    bool single_file = false;  // no root folder: the one file's path is its name
    FileLayout layout;
    std::vector<RenamedFile>
        renamed;  // files whose path is not the original one; the first renamed_count_max
    std::size_t v1_pieces_offset = 0;  // of the v1 piece hashes in raw

    bool has_v1() const { return hash.v1.has_value(); }
    bool has_v2() const { return hash.v2.has_value(); }
    // The SHA-1 of a piece; has_v1() and piece < layout.piece_count().
    hash::Sha1 v1_piece_hash(PieceIndex piece) const;
};

struct Metainfo {
    Info info;
    PieceLayers piece_layers;

    std::vector<std::vector<std::string>>
        trackers;                               // tiers (BEP 12), none empty; `announce` alone is one tier
    std::vector<std::string> web_seeds;         // url-list (BEP 19)
    std::vector<std::string> http_seeds;        // httpseeds (BEP 17): kept, not used
    std::vector<HostPort> nodes;                // DHT (BEP 5)
    std::optional<std::int64_t> creation_date;  // unix seconds
    std::string comment;
    std::string created_by;

    // What was wrong and left out or tolerated: "announce-list: a URL of 3000 bytes was left out". At
    // most 20.
    std::vector<std::string> warnings;

    // Every file longer than a piece has its layer (always so for a .torrent; after a magnet link they come
    // from peers).
    bool has_all_piece_layers() const;
    // The hash that the v2 piece must have: of the layer, or the root of a file of at most one piece; nothing
    // while the layer is not there. has_v2() and piece < layout.piece_count().
    std::optional<hash::Sha256> v2_piece_hash(PieceIndex piece) const;
};

}  // namespace spate::metainfo
