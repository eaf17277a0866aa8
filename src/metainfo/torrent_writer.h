// Writes .torrent files from a list of files and hashes that somebody else computed. Canonical bencode; what
// it writes, read_torrent reads. Hybrids get a pad file after each file but the last that does not end at a
// piece boundary.
//
// Creation in three steps: plan_layout() gives the layout (with pads) over which pieces are hashed; hash;
// write_torrent().
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "metainfo/file_layout.h"
#include "metainfo/info_hash.h"

namespace spate::metainfo {

enum class TorrentVersion : std::uint8_t { v1, v2, hybrid };

struct NewFile {
    std::vector<std::string> path{};  // components below the root folder; exactly {name} for a single file
    std::uint64_t size = 0;
    FileAttributes attributes{};                // not pad
    std::vector<std::string> symlink_target{};  // components below the root folder, for attributes.symlink
};

struct NewTorrent {
    TorrentVersion version = TorrentVersion::hybrid;
    std::string name;
    bool single_file = false;
    std::vector<NewFile> files;  // any order; written in the order of plan_layout
    std::uint64_t piece_length = 0;
    bool private_torrent = false;
    std::string source;

    std::vector<std::vector<std::string>> trackers;
    std::vector<std::string> web_seeds;
    std::optional<std::int64_t> creation_date;
    std::string comment;
    std::string created_by;
};

// v2 alone knows no folder around one file: there, single_file is set for exactly that shape, whatever the
// name. Sorts torrent.files into the order of a v2 file tree (byte order of components) and lays them out,
// pad files included for hybrids. Refused: what read_torrent would refuse or rename (so no name changes
// silently), a piece length the version does not allow. layout.files() without the pad files are
// torrent.files, in that order.
Result<FileLayout> plan_layout(NewTorrent& torrent);

struct TorrentHashes {
    std::vector<hash::Sha1> v1_pieces;  // v1, hybrid: one a piece, over the address space, pads as zeros
    struct FileTree {
        hash::Sha256 root{};                    // zero for an empty file
        std::vector<hash::Sha256> piece_layer;  // empty unless the file is longer than one piece
    };
    std::vector<FileTree> v2_files;  // v2, hybrid: one a file of torrent.files
};

struct WrittenTorrent {
    std::string torrent;
    InfoHash hash;
};

// The layout is that of plan_layout(torrent). Numbers of hashes that do not fit it are a bug of the caller
// (assert).
WrittenTorrent write_torrent(const NewTorrent& torrent, const FileLayout& layout,
                             const TorrentHashes& hashes);

}  // namespace spate::metainfo
