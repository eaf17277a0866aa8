// StateFolder: a folder that one process owns. Opening takes its lock, held until destruction; a second
// opener is told that another spate uses the folder. Thread: any (see io::Folder).
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "io/files.h"

namespace spate::storage {

class StateFolder {
  public:
    // Made if missing. Errors: EBUSY with a sentence for people when somebody else holds it.
    static Result<StateFolder> open(io::Files& files, const std::string& path);

    io::Folder& folder() { return *folder_; }
    std::string path() const { return folder_->path(); }

  private:
    StateFolder(std::unique_ptr<io::Folder> folder, std::unique_ptr<io::FolderLock> lock)
        : folder_(std::move(folder)), lock_(std::move(lock)) {}

    std::unique_ptr<io::Folder> folder_;
    std::unique_ptr<io::FolderLock> lock_;  // released before the folder is closed
};

}  // namespace spate::storage
