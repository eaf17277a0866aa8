// What BEP 47 says of a torrent's files besides their bytes: which are executable, and the symbolic links.
// Done once all is there: until then a link could be mistaken for a place to write to. A link is made only
// where metainfo found its target within the torrent, says it relative to its own place, and replaces
// nothing; what is there already stays. Blocking: a WorkPool job.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "io/files.h"
#include "metainfo/file_layout.h"

namespace spate::piece_store {

using WantsFile = std::function<bool(const metainfo::File&)>;  // empty: all

// `folder` holds the torrent's file or root folder. What could not be done, for people, printable; at most
// notes_max.
inline constexpr std::size_t attribute_notes_max = 20;
std::vector<std::string> set_file_attributes(io::Folder& folder, const metainfo::FileLayout& layout,
                                             const WantsFile& wants);

// What a link at `path` says to mean `target`; both clean paths below one folder.
std::string link_text(std::string_view path, std::string_view target);

}  // namespace spate::piece_store
