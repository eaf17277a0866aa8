// Finds the files of a torrent on a disk: which folder they are in, how much of each is there. Blocking: a
// WorkPool job.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "creation/content.h"
#include "creation/verify.h"

namespace spate::creation {

struct FoundContent {
    std::shared_ptr<const Content> content;
    std::vector<FileVerdict> files;  // as far as sizes tell; by FileIndex
    std::string place;
};

// path: see Verification. Errors: a path that is not there or cannot be looked at.
Result<FoundContent> find_content(io::Files& files, const metainfo::Info& info, const std::string& path,
                                  const std::atomic<bool>& stop);

}  // namespace spate::creation
