// TorrentFolder: the folder that a torrent's files lie in, held open: what is there under a path, and which
// names in it are new and must be on the disk for good before a state claims what is in those files.
// Thread: pool jobs, any number at a time; open() and change_to() alone; disk() any.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "base/result.h"
#include "io/files.h"

namespace spate::piece_store {

// Nothing is there under that path.
Result<void> check_absent(io::Folder& folder, const std::string& path);
// A new file, synced. Holes stay holes.
Result<void> copy_file(io::Folder& from, const std::string& path, io::Folder& to, const std::string& to_path);
Result<void> make_folder_of(io::Folder& folder, const std::string& path);

class TorrentFolder {
  public:
    struct Held {
        std::unique_ptr<io::Folder> folder;
        std::string path;
    };

    TorrentFolder(io::Files& files, std::string path) : files_(files), held_{nullptr, std::move(path)} {}
    TorrentFolder(const TorrentFolder&) = delete;
    TorrentFolder& operator=(const TorrentFolder&) = delete;

    Result<void> open(io::IfMissing if_missing);
    bool is_open() const { return held_.folder != nullptr; }
    io::Folder& operator*() const { return *held_.folder; }
    io::Folder* operator->() const { return held_.folder.get(); }
    const std::string& path() const { return held_.path; }
    // Gives the one before.
    Held change_to(Held other);
    // io::Folder::disk(); 0: not opened yet.
    std::uint64_t disk() const { return disk_; }

    // Whether a file is there.
    bool find_file(const std::string& path, io::MarkedInfo& info) const;
    Result<std::unique_ptr<io::File>> make_file(const std::string& path);
    Result<void> rename(const std::string& path, const std::string& to);
    // Made, or gone.
    void note_new_name(const std::string& path);
    // Brings them to the disk for good.
    Result<void> sync_names();

  private:
    io::Files& files_;
    Held held_;
    std::atomic<std::uint64_t> disk_ = 0;
    std::mutex mutex_;                    // held for moments only
    std::set<std::string> new_names_in_;  // folders
};

}  // namespace spate::piece_store
