// Content: the files of a torrent where they lie on a disk, and how much of each is there. Immutable while
// it is hashed; jobs share it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "io/files.h"
#include "metainfo/file_layout.h"

namespace spate::creation {

struct Content {
    struct Place {
        std::string path;             // below `folder`; empty for a pad file
        std::uint64_t available = 0;  // bytes there, at most the file's size; 0 for a missing one
    };
    std::shared_ptr<io::Folder> folder;
    metainfo::FileLayout layout;
    std::vector<Place> places;  // by FileIndex

    // Whether all bytes of [offset, offset + size) of the piece address space are there.
    bool has(std::uint64_t offset, std::uint64_t size) const;
};

}  // namespace spate::creation
