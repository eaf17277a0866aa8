// Inode: a file, folder, link or pipe of a simulated disk, in two images: as written (what programs see;
// survives the kill of a process) and as durable (what survives a power cut).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/rng.h"
#include "base/time.h"
#include "sim/file_image.h"

namespace spate::sim {

enum class InodeKind { file, folder, link, pipe };

struct Inode {
    using Entries = std::map<std::string, std::shared_ptr<Inode>, std::less<>>;

    Inode(InodeKind inode_kind, std::uint64_t inode_id, std::shared_ptr<std::uint64_t> disk_pages)
        : kind(inode_kind), id(inode_id), pages_used(std::move(disk_pages)) {}
    ~Inode() { *pages_used -= written.pages.size(); }
    Inode(const Inode&) = delete;
    Inode& operator=(const Inode&) = delete;

    void resize(std::uint64_t size);
    // As much of it as `pages_free` new pages allow; how many bytes.
    std::size_t write(std::uint64_t offset, Bytes data, std::uint64_t pages_free);
    // Data and size become durable.
    void sync();
    // A sync failed: what was not durable is out of the list of things to sync, and some of it out of the
    // cache.
    void lose_unsynced(Rng& rng);
    // The kernel wrote some of it on its own.
    void write_back_some(Rng& rng);
    // Power cut: the written image becomes the durable one, with a random part of what was not synced. True
    // when a part was kept and a part lost.
    bool crash(Rng& rng);

    const InodeKind kind;
    const std::uint64_t id;
    WallTime modified;
    std::uint32_t modified_ns = 0;  // of that second
    std::uint64_t change = 0;       // the last one's number, on the whole disk
    bool lost_untold = false;       // by a sync of all that failed: this file's next one says so
    bool removed = false;           // a folder that has no name any more takes no new names
    std::string target;             // link

    FileImage written;  // file
    FileImage durable;
    std::set<std::uint64_t> dirty;  // pages that may differ between the two

    Entries entries;  // folder
    Entries durable_entries;

  private:
    void replace_written(FileImage image);
    std::shared_ptr<std::uint64_t> pages_used;  // of the whole disk
};

}  // namespace spate::sim
