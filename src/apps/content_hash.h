// Hashing what is to be shared: its torrent, and the MD5 of a single file, side by side on the pool of a loop
// of its own, with progress on standard output. Blocking: the program's start.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "creation/create.h"
#include "metainfo/metainfo.h"

namespace spate::apps {

struct HashedContent {
    std::string torrent;
    metainfo::Metainfo metainfo;
    std::string md5;                 // of a single file; empty for a folder
    std::vector<std::string> notes;  // for people; printable
    std::vector<creation::FoundFile> found;
};

// Nothing: interrupted.
std::optional<Result<HashedContent>> hash_content(const creation::CreateRequest& request, bool quiet);

}  // namespace spate::apps
