// FileMove: how a torrent's files go to another folder, all or none, whatever happens meanwhile: the state
// says it first (IntendedNames), then they are renamed (or copied, and the originals stay), then the resume
// database names the new folder, and only then the originals of copies go. A process that ends before that
// leaves the old folder's name, and the next one brings back what was renamed. Thread: alone in the FileSet.
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
    // Gives those that were copied: what was written to the copies is gone.
    Result<std::vector<FileIndex>> bring_back();
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
    Result<std::vector<FileIndex>> find_to_move(io::Folder& to) const;
    Result<Moved> move_one(io::Folder& to, FileIndex file);
    Result<void> move_all(io::Folder& to, const std::vector<FileIndex>& files, std::vector<Moved>& moved);
    Result<void> bring_back(io::Folder& from, io::Folder& to, const std::vector<Moved>& moved);
    TorrentFolder::Held enter(TorrentFolder::Held folder, const std::vector<Moved>& moved);

    io::Files& files_;
    FileParts& parts_;
    std::optional<Done> done_;  // and not ended
};

}  // namespace spate::piece_store
