// OpenFiles: one torrent's part of FileHandles: how each of its files is opened, made at its full size when
// it is first written to, written and read. One that was there and is not, or was cut short, is spoiled
// (FilePlaces), and what was opened of it before is used no more. Thread: pool jobs, any number at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/result.h"
#include "metainfo/bitfield.h"
#include "piece_store/file_handles.h"
#include "piece_store/file_names.h"
#include "piece_store/file_places.h"
#include "piece_store/torrent_folder.h"

namespace spate::piece_store {

class OpenFiles {
  public:
    using FileIndex = metainfo::FileIndex;
    using Life = FilePlaces::Life;

    // names, folder and places outlive it. preallocate: the disk's room is taken when a file is made.
    OpenFiles(std::shared_ptr<FileHandles> handles, const FileNames& names, TorrentFolder& folder,
              FilePlaces& places, bool preallocate);
    // After close() nothing is left, and it may be a network thread.
    ~OpenFiles() {
        if (!closed_) drop_all();
    }
    OpenFiles(const OpenFiles&) = delete;
    OpenFiles& operator=(const OpenFiles&) = delete;

    std::uint64_t id() const { return id_; }  // in FileHandles
    Result<std::shared_ptr<FileHandle>> get(FileIndex file, bool writable) {
        return get(file, places_.life(file), writable);
    }
    Result<std::shared_ptr<FileHandle>> get(FileIndex file, Life life, bool writable);
    // For a network thread: only if it is open and memory holds all of it, which was there while the file was
    // as we know it.
    bool read_cached(FileIndex file, std::uint64_t offset, MutableBytes into);
    Result<void> write_at(FileIndex file, std::uint64_t offset, Bytes bytes);
    Result<void> read_at(FileIndex file, std::uint64_t offset, MutableBytes into);
    // The bytes of `file` that lie in the part file, of those pieces.
    Result<void> copy_from_part(FileIndex file, const metainfo::Bitfield& pieces);
    Result<void> write_once_more(FileIndex file);

    Error spoil(FileIndex file);
    // They are opened anew when they are needed.
    void drop(FileIndex file) { drop(file, places_.life(file)); }
    void drop(FileIndex file, Life life) { handles_->drop({id_, file.value, life}); }
    void drop_all() { handles_->drop_set(id_); }
    // From now on each is closed by the job that opens it.
    void close();

  private:
    Result<std::unique_ptr<io::File>> open_to_write(FileIndex file, Life life);
    Error gone(FileIndex file) const;

    const std::shared_ptr<FileHandles> handles_;
    const std::uint64_t id_;
    const FileNames& names_;
    TorrentFolder& folder_;
    FilePlaces& places_;
    const bool preallocate_;
    std::atomic<bool> closed_ = false;
};

}  // namespace spate::piece_store
