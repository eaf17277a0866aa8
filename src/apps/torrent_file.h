// .torrent files on disk, for the commands. Blocking.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "io/files.h"
#include "metainfo/metainfo.h"

namespace spate::apps {

// A path of the user's, cut into a folder to open and a name in it; links in it followed, and a last one too.
struct SplitPath {
    std::string folder;
    std::string name;
};
Result<SplitPath> split_path(const std::string& path);

// Names that differ only by case stay apart.
Result<metainfo::Metainfo> load_torrent(io::Files& files, const std::string& path);
// The same of bytes that came from elsewhere; errors name `source`.
Result<metainfo::Metainfo> read_torrent_of(const std::string& source, Bytes bytes);

// Refused if it is there, unless `replace`. Whole or not at all.
Result<void> save_torrent(io::Files& files, const std::string& path, std::string_view torrent, bool replace);

// For CLI11: empty, or why it is no path at all.
std::string check_path(const std::string& text);

// Whether something is at that path.
bool is_there(const std::string& path);

}  // namespace spate::apps
