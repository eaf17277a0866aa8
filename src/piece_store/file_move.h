// FileMove: how a torrent's files go to another folder, all or none, whatever happens meanwhile: the state
// says it first (IntendedNames), then, if nothing is there under any of their names, they are renamed (or
// copied, and the originals stay), then the resume database names the new folder, and only then the originals
// of copies go. A process that ends before that leaves the old folder's name, and the next one brings back
// what was renamed. Thread: alone in the FileSet.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "piece_store/file_parts.h"

namespace spate::piece_store {

class FileMove {
  public:
    using FileIndex = metainfo::FileIndex;

    // Both outlive it.
    FileMove(io::Files& files, FileParts& parts) : files_(files), parts_(parts) {}
    FileMove(const FileMove&) = delete;
    FileMove& operator=(const FileMove&) = delete;

    // After an error all are where they were; then end() or bring_back().
    Result<void> go_to(const std::string& folder);
    void end();
    struct BroughtBack {
        std::vector<FileIndex> copies;  // what was written to them is gone
        std::optional<Error> stays;     // why a file could not be brought back, which is spoiled then
    };
    // All that lie there, also what was made since.
    BroughtBack bring_back();
    // Of a process before us.
    Result<void> undo(const StoredState& state);

  private:
    struct Moved {
        FileIndex file;
        bool copied = false;
    };
    struct Done {
        TorrentFolder::Held from;
        std::vector<Moved> files;
    };
    Result<void> rename_across(io::Folder& from, io::Folder& to, const std::string& path);
    std::vector<FileIndex> files_here() const;
    Result<void> check_free(io::Folder& to) const;
    Result<Moved> move_one(io::Folder& to, FileIndex file);
    Result<void> move_all(io::Folder& to, const std::vector<FileIndex>& files, std::vector<Moved>& moved);
    Result<void> bring_back(io::Folder& from, io::Folder& to, const std::vector<Moved>& moved);
    std::optional<Error> take_along(Done& done);
    TorrentFolder::Held enter(TorrentFolder::Held folder, const std::vector<Moved>& moved);

    io::Files& files_;
    FileParts& parts_;
    std::optional<Done> done_;  // and not ended
};

}  // namespace spate::piece_store
