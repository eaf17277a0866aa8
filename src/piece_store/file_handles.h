// FileHandles: the open files of all torrents, the longest unused closed first. Limits: at most `max` are
// kept; those in use by a job stay open until it lets go. Thread: any, but a network thread only finds and
// gives back: closing a file may wait for its disk. What it had last
// stays open until the next job opens or drops a file: one for each that was dropped meanwhile.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "io/files.h"

namespace spate::piece_store {

struct FileHandle {
    std::unique_ptr<io::File> file;
    bool writable = false;
};

class FileHandles {
  public:
    struct Key {
        std::uint64_t set = 0;  // a FileSet's id()
        std::uint32_t file = 0;
        std::uint64_t life = 0;  // of that file: FilePlaces
        auto operator<=>(const Key&) const = default;
    };

    explicit FileHandles(std::size_t max) : max_(max) {}
    FileHandles(const FileHandles&) = delete;
    FileHandles& operator=(const FileHandles&) = delete;

    std::uint64_t new_set();
    // Null: none is open that fits.
    std::shared_ptr<FileHandle> find(Key key, bool writable);
    // What a network thread found, when it is done with it: if it was closed here meanwhile, the next job
    // that opens or drops one closes it.
    void give_back(Key key, std::shared_ptr<FileHandle> handle);
    // Gives the one to use: another job may have opened that file meanwhile.
    std::shared_ptr<FileHandle> put(Key key, std::shared_ptr<FileHandle> handle);
    void drop(Key key);
    void drop_set(std::uint64_t set);
    std::size_t size() const;

  private:
    using Closing = std::vector<std::shared_ptr<FileHandle>>;
    struct Entry {
        std::shared_ptr<FileHandle> handle;
        std::list<Key>::iterator use;
    };
    const std::size_t max_;
    mutable std::mutex mutex_;
    std::uint64_t sets_ = 0;
    std::map<Key, Entry> open_;
    std::list<Key> by_use_;  // the latest first
    Closing to_close_;       // a network thread had them last
};

}  // namespace spate::piece_store
