// FileNames: a torrent's files as a disk has them, the part file as the last one: which there are, how big
// they are, and under which path below the torrent's folder each is. Thread: one at a time, or all only
// reading.
//
// IntendedNames: where files may be by now, as it was said in a state before it was done. Thread: any.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "metainfo/metainfo.h"
#include "piece_store/stored_state.h"

namespace spate::piece_store {

// The folder that a path's last name is in; empty: the torrent's folder itself.
std::string parent_path(const std::string& path);

class FileNames {
  public:
    using FileIndex = metainfo::FileIndex;
    using Paths = std::map<FileIndex, std::string>;

    explicit FileNames(std::shared_ptr<const metainfo::Metainfo> metainfo);
    FileNames(const FileNames&) = delete;
    FileNames& operator=(const FileNames&) = delete;

    const metainfo::FileLayout& layout() const { return metainfo_->info.layout; }
    FileIndex part_file() const;
    bool on_disk(FileIndex file) const;  // pad files and links are not
    std::uint64_t size_of(FileIndex file) const;

    std::string path_of(FileIndex file) const;
    const Paths& renamed() const { return renamed_; }  // paths that are not the torrent's
    void set_renamed(Paths paths) { renamed_ = std::move(paths); }
    void rename(FileIndex file, const std::string& path) { renamed_[file] = path; }
    // Another file is there, or above it, or below.
    bool is_taken(const std::string& path, FileIndex by) const;
    // That the paths name; the deepest of each branch first.
    std::set<std::string, std::greater<>> folders() const;

  private:
    const std::shared_ptr<const metainfo::Metainfo> metainfo_;
    const std::string part_name_;
    Paths renamed_;
};

class IntendedNames {
  public:
    // It will be renamed as soon as the state that says so is saved: until then it may be under either name.
    void rename(metainfo::FileIndex file, const std::string& path);
    void give_up_rename(metainfo::FileIndex file);
    void move_to(const std::string& folder);
    void give_up_move() { move_to({}); }
    void put_into(StoredState& state) const;

  private:
    mutable std::mutex mutex_;  // held for moments only
    FileNames::Paths renaming_;
    std::string moving_;
};

}  // namespace spate::piece_store
