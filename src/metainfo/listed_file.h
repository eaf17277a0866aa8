// A file as a torrent lists it, before its path is cleaned: the common ground of v1 file lists and v2 file
// trees.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "bencode/reader.h"
#include "metainfo/fields.h"
#include "metainfo/file_layout.h"

namespace spate::metainfo {

struct ListedFile {
    std::uint64_t size = 0;
    FileAttributes attributes;
    hash::Sha256 pieces_root{};
    std::optional<bencode::Elements> link;  // "symlink path": all strings, not empty
};

// attr and "symlink path" (BEP 47), and that a link has the one and no bytes. `file.size` is set already.
Result<void> read_attributes(const Fields& fields, ListedFile& file);

// The strings of a path list; refused (without a key: the caller knows it) when it is empty or holds anything
// else. `out` is overwritten.
Result<void> read_components(const bencode::Elements& list, std::vector<std::string_view>& out);

// v1: one of "files" or the single file, components below the root folder (a single file: its name). A pad
// file has none.
struct V1File {
    ListedFile listed;
    std::optional<bencode::Elements> path;
};
// A single file has no path: its length and attributes are the info dictionary's own. prefer_utf8:
// "path.utf-8", an old custom beside a "path" in some other encoding, wins.
Result<std::vector<V1File>> read_v1_files(const Fields& info, bool prefer_utf8);

// v2: calls visit(components, file) for each file of the tree, in its order, and stops at the first error.
// Every level's keys must ascend. Not recursive.
using VisitFile = std::function<Result<void>(std::span<const std::string_view>, const ListedFile&)>;
Result<void> walk_file_tree(bencode::Value tree, const VisitFile& visit);

}  // namespace spate::metainfo
