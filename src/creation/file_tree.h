// FileTree: the files below a path that the user named, as a torrent lists them. Links are not followed,
// links and special files are left out with a note; a name that a torrent cannot carry unchanged is refused
// when the layout is planned (metainfo/torrent_writer.h). Blocking: a WorkPool job.
// Limits: metainfo/limits.h (files, depth); at most notes_max notes, then a count.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/files.h"

namespace spate::creation {

inline constexpr std::size_t notes_max = 20;

struct FoundFile {
    std::vector<std::string> path;  // components below the folder
    std::uint64_t size = 0;
    WallTime modified;
    std::uint32_t modified_ns = 0;
    bool operator==(const FoundFile&) const = default;
    std::string joined() const;  // with '/', as io::Folder takes it
};

struct FileTree {
    std::shared_ptr<io::Folder> folder;  // what the paths are below
    bool single_file = false;            // the path named a file: `files` is that one
    std::vector<FoundFile> files;        // folder by folder, each sorted by name
    std::vector<std::string> notes;      // what was left out, for people; not yet printable()
};

// Either a folder, held, or a file in one.
struct NamedPath {
    std::shared_ptr<io::Folder> folder;
    std::string file;  // empty: the folder itself
};

// `path` as the system takes it. Links in it are followed, but not a last one that leads to a file (ELOOP).
Result<NamedPath> open_named(io::Files& files, const std::string& path);

// Whether each of them is as it was found: kind, size and time.
Result<void> check_unchanged(io::Folder& folder, const std::vector<FoundFile>& files,
                             const std::atomic<bool>& stop);

// Errors: what the disk says, and limits. When `stop` becomes true it gives up with operation_canceled.
Result<FileTree> walk(io::Files& files, const std::string& path, const std::atomic<bool>& stop);

}  // namespace spate::creation
