// FaultDisk: io::Files in memory for tests of what must survive a bad disk. It knows what was synced and what
// was not, fails the operations it is told to fail, and can lose power: then every write that was not synced
// is kept, torn or lost, each at random, and so is the tail of unsynced names of files and folders. A sync
// that fails leaves its writes to be seen but no later sync brings them to the disk, as with a kernel's page
// cache. open_folder() syncs what it makes. A file's time is the number of changes to it, in nanoseconds.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/rng.h"
#include "io/files.h"

namespace spate::testing {

class FaultDisk final : public io::Files {
  public:
    // Errno for the operation, or 0 to let it through. Operations: "open", "read", "write", "sync", "resize",
    // "rename", "remove", "sync folder", "sync all", "read cached" (where in_memory). Called for each, in
    // order.
    std::function<int(const std::string& operation, const std::string& path)> fault;
    std::uint64_t operations = 0;
    bool in_memory = false;  // what is there, for those who ask for nothing else
    struct Hint {
        std::string path;
        std::uint64_t offset = 0, size = 0;
        bool operator==(const Hint&) const = default;
    };
    std::vector<Hint> hints;  // that something will be read soon

    Result<std::unique_ptr<io::Folder>> open_folder(const std::string& path,
                                                    io::IfMissing if_missing) override;

    // The machine loses power and comes back. Locks are gone; handles of before must not be used any more.
    void lose_power(Rng& rng);
    // The process is gone: what it wrote stays.
    void kill_process() { locks_.clear(); }

    std::vector<std::uint8_t>& content(const std::string& path) { return now_.files.at(path)->now; }
    // What somebody else changes shows in its time.
    std::vector<std::uint8_t>& change_content(const std::string& path) {
        ++now_.files.at(path)->changes;
        return content(path);
    }
    // In its mark only: the time is set back.
    std::vector<std::uint8_t>& change_content_secretly(const std::string& path) {
        ++now_.files.at(path)->secret_changes;
        return content(path);
    }
    // One more name for it.
    void link(const std::string& path, const std::string& other) {
        now_.files[other] = now_.files.at(path);
        now_.files.at(path)->has_other_names = true;
    }
    bool exists(const std::string& path) const { return now_.files.contains(path); }
    void put(const std::string& path, std::vector<std::uint8_t> bytes);
    std::vector<std::string> names() const;

  private:
    struct Write {
        std::uint64_t offset;
        std::vector<std::uint8_t> data;
        std::optional<std::uint64_t> resize;
        enum class State { unsynced, synced, forgotten } state = State::unsynced;
    };
    struct Inode {
        std::vector<std::uint8_t> now, synced;
        std::vector<Write> writes;  // those that `synced` lacks
        std::uint32_t changes = 0;
        std::uint32_t secret_changes = 0;
        bool has_other_names = false;
        io::FileInfo info() const { return {io::FileKind::file, now.size(), {}, changes}; }
        void apply(std::vector<std::uint8_t>& to, const Write& write) const;
        void sync();
        void forget();
        void lose_power(Rng& rng);
    };
    // By whole path.
    struct Tree {
        std::map<std::string, std::shared_ptr<Inode>> files;
        std::set<std::string> folders;
    };
    struct NameChange {
        std::string folder;                                   // whose names change
        std::map<std::string, std::shared_ptr<Inode>> files;  // null: gone
        std::string made_folder;                              // or empty
        void apply(Tree& tree) const;
    };
    class MemoryFile;
    class MemoryFolder;
    struct MemoryLock;

    Result<void> begin(const std::string& operation, const std::string& path);
    void change(NameChange change);
    void make_folder(const std::string& path);
    void sync_folder(const std::string& path);
    static std::string parent(const std::string& path) { return path.substr(0, path.rfind('/')); }

    std::mutex mutex_;
    Tree now_, synced_;
    std::vector<NameChange> unsynced_;  // oldest first
    std::set<std::string> locks_;
};

struct FaultDisk::MemoryLock final : io::FolderLock {
    MemoryLock(FaultDisk& d, std::string n) : disk(d), name(std::move(n)) {}
    ~MemoryLock() override { disk.locks_.erase(name); }
    FaultDisk& disk;
    std::string name;
};

inline void FaultDisk::Inode::apply(std::vector<std::uint8_t>& to, const Write& write) const {
    if (write.resize) return to.resize(*write.resize);
    to.resize(std::max<std::size_t>(to.size(), write.offset + write.data.size()));
    std::ranges::copy(write.data, to.begin() + static_cast<std::ptrdiff_t>(write.offset));
}

inline void FaultDisk::Inode::sync() {
    bool any_forgotten = false;
    for (auto& write : writes) {
        if (write.state == Write::State::unsynced) write.state = Write::State::synced;
        any_forgotten |= write.state == Write::State::forgotten;
    }
    if (any_forgotten) return;  // what came after them can only be said when power is lost
    synced = now;
    writes.clear();
}

inline void FaultDisk::Inode::forget() {
    for (auto& write : writes) {
        if (write.state == Write::State::unsynced) write.state = Write::State::forgotten;
    }
}

inline void FaultDisk::Inode::lose_power(Rng& rng) {
    for (auto& write : writes) {
        const auto fate = write.state == Write::State::synced ? 2 : rng.below(3);
        if (fate == 0) continue;
        if (fate == 1 && !write.resize) write.data.resize(rng.below(write.data.size() + 1));
        apply(synced, write);
    }
    now = synced;
    writes.clear();
}

inline void FaultDisk::NameChange::apply(Tree& tree) const {
    for (const auto& [name, inode] : files) {
        if (inode == nullptr) {
            tree.files.erase(name);
        } else {
            tree.files[name] = inode;
        }
    }
    if (!made_folder.empty()) tree.folders.insert(made_folder);
}

inline void FaultDisk::change(NameChange change) {
    change.apply(now_);
    unsynced_.push_back(std::move(change));
}

inline void FaultDisk::make_folder(const std::string& path) {
    if (path.empty() || now_.folders.contains(path)) return;
    make_folder(parent(path));
    change({parent(path), {}, path});
}

inline void FaultDisk::sync_folder(const std::string& path) {
    std::erase_if(unsynced_, [&](const NameChange& change) {
        if (change.folder != path) return false;
        change.apply(synced_);
        return true;
    });
}

inline Result<void> FaultDisk::begin(const std::string& operation, const std::string& path) {
    ++operations;
    const int error = fault ? fault(operation, path) : 0;
    if (error != 0) return fail(Error::system(error, operation, path));
    return {};
}

class FaultDisk::MemoryFile final : public io::File {
  public:
    MemoryFile(FaultDisk& disk, std::string path, std::shared_ptr<Inode> inode)
        : disk_(disk), path_(std::move(path)), inode_(std::move(inode)) {}

    Result<std::size_t> read_at(std::uint64_t offset, MutableBytes into) override {
        const std::lock_guard guard(disk_.mutex_);
        if (auto begun = disk_.begin("read", path_); !begun) return fail(begun.error());
        const auto size = inode_->now.size();
        const auto count = offset >= size ? 0 : std::min<std::size_t>(into.size(), size - offset);
        if (count > 0) std::memcpy(into.data(), inode_->now.data() + offset, count);
        return count;
    }
    bool read_cached(std::uint64_t offset, MutableBytes into) override {
        const std::lock_guard guard(disk_.mutex_);
        if (!disk_.in_memory || !disk_.begin("read cached", path_)) return false;
        if (offset + into.size() > inode_->now.size()) return false;
        std::ranges::copy_n(inode_->now.begin() + static_cast<std::ptrdiff_t>(offset),
                            static_cast<std::ptrdiff_t>(into.size()), into.begin());
        return true;
    }
    void will_need(std::uint64_t offset, std::uint64_t size) override {
        const std::lock_guard guard(disk_.mutex_);
        disk_.hints.push_back({path_, offset, size});
    }
    Result<void> write_at(std::uint64_t offset, Bytes data) override {
        return change("write", Write{offset, {data.begin(), data.end()}, {}, {}});
    }
    Result<std::uint64_t> size() override {
        const std::lock_guard guard(disk_.mutex_);
        return inode_->now.size();
    }
    Result<io::FileInfo> info() override {
        const std::lock_guard guard(disk_.mutex_);
        return inode_->info();
    }
    Result<void> resize(std::uint64_t size) override { return change("resize", Write{0, {}, size, {}}); }
    Result<void> sync() override {
        const std::lock_guard guard(disk_.mutex_);
        auto begun = disk_.begin("sync", path_);
        if (begun) {
            inode_->sync();
        } else {
            inode_->forget();
        }
        return begun;
    }

  private:
    Result<void> change(const std::string& operation, Write write) {
        const std::lock_guard guard(disk_.mutex_);
        if (auto begun = disk_.begin(operation, path_); !begun) return begun;
        inode_->apply(inode_->now, write);
        ++inode_->changes;
        inode_->writes.push_back(std::move(write));
        return {};
    }

    FaultDisk& disk_;
    std::string path_;
    std::shared_ptr<Inode> inode_;
};

class FaultDisk::MemoryFolder final : public io::Folder {
  public:
    MemoryFolder(FaultDisk& disk, std::string path) : disk_(disk), path_(std::move(path)) {}

    Result<std::unique_ptr<io::File>> open(std::string_view path, io::OpenMode mode) override {
        if (auto good = io::check_path(path); !good) return fail(good.error());
        const std::lock_guard guard(disk_.mutex_);
        const auto full = at(path);
        if (auto begun = disk_.begin("open", full); !begun) return fail(begun.error());
        const bool there = disk_.now_.files.contains(full);
        const bool must_exist = mode == io::OpenMode::read || mode == io::OpenMode::write;
        if (disk_.now_.folders.contains(full)) return fail(Error::system(EISDIR, "open", full));
        if (!there && must_exist) return fail(Error::system(ENOENT, "open", full));
        const bool must_be_new = mode == io::OpenMode::create_new || mode == io::OpenMode::create_secret;
        if (there && must_be_new) return fail(Error::system(EEXIST, "open", full));
        if (!there) disk_.change({parent(full), {{full, std::make_shared<Inode>()}}, {}});
        const auto& inode = disk_.now_.files[full];
        if (mode == io::OpenMode::create_empty) {
            inode->now.clear();
            inode->writes.push_back(Write{0, {}, 0, {}});
        }
        return std::make_unique<MemoryFile>(disk_, full, inode);
    }
    Result<std::unique_ptr<io::Folder>> open_folder(std::string_view path) override {
        const std::lock_guard guard(disk_.mutex_);
        if (!disk_.now_.folders.contains(at(path)))
            return fail(Error::system(ENOENT, "open folder", at(path)));
        return std::make_unique<MemoryFolder>(disk_, at(path));
    }
    Result<void> make_folder(std::string_view path) override {
        const std::lock_guard guard(disk_.mutex_);
        disk_.make_folder(at(path));
        return {};
    }
    Result<io::FileInfo> info(std::string_view path) override {
        auto seen = marked_info(path);
        if (!seen) return fail(std::move(seen.error()));
        return io::FileInfo(*seen);
    }
    Result<io::MarkedInfo> marked_info(std::string_view path) override {
        const std::lock_guard guard(disk_.mutex_);
        if (disk_.now_.folders.contains(at(path))) return io::MarkedInfo{{io::FileKind::folder, 0, {}}, {}};
        const auto found = disk_.now_.files.find(at(path));
        if (found == disk_.now_.files.end()) return fail(Error::system(ENOENT, "look at", at(path)));
        const auto& inode = *found->second;
        const auto change = std::uint64_t{1} + inode.changes + inode.secret_changes;
        return io::MarkedInfo{inode.info(), {change, inode.has_other_names}};
    }
    Result<std::vector<io::FolderItem>> list(std::string_view path) override {
        const std::lock_guard guard(disk_.mutex_);
        const auto prefix = path.empty() ? path_ + "/" : at(path) + "/";
        std::vector<io::FolderItem> items;
        const auto take = [&](const std::string& name, io::FileKind kind) {
            if (!name.starts_with(prefix) || name.find('/', prefix.size()) != name.npos) return;
            items.push_back({name.substr(prefix.size()), kind});
        };
        for (const auto& [name, inode] : disk_.now_.files) take(name, io::FileKind::file);
        for (const auto& name : disk_.now_.folders) take(name, io::FileKind::folder);
        std::ranges::sort(items, {}, &io::FolderItem::name);
        return items;
    }
    Result<void> rename(std::string_view from, std::string_view to) override {
        const std::lock_guard guard(disk_.mutex_);
        if (auto begun = disk_.begin("rename", at(from)); !begun) return begun;
        const auto found = disk_.now_.files.find(at(from));
        if (found == disk_.now_.files.end()) return fail(Error::system(ENOENT, "rename", at(from)));
        SPATE_ASSERT(parent(at(from)) == parent(at(to)));  // else each folder would have a half of it
        disk_.change({parent(at(to)), {{at(from), nullptr}, {at(to), found->second}}, {}});
        return {};
    }
    Result<void> remove(std::string_view path) override {
        const std::lock_guard guard(disk_.mutex_);
        if (auto begun = disk_.begin("remove", at(path)); !begun) return begun;
        if (!disk_.now_.files.contains(at(path))) return fail(Error::system(ENOENT, "remove", at(path)));
        disk_.change({parent(at(path)), {{at(path), nullptr}}, {}});
        return {};
    }
    Result<void> sync(std::string_view path) override {
        const std::lock_guard guard(disk_.mutex_);
        if (auto begun = disk_.begin("sync folder", at(path)); !begun) return begun;
        disk_.sync_folder(at(path));
        return {};
    }
    Result<void> sync_all() override {
        const std::lock_guard guard(disk_.mutex_);
        if (auto begun = disk_.begin("sync all", path_); !begun) return begun;
        std::set<std::string> folders;
        for (const auto& [name, inode] : disk_.now_.files) {
            if (!name.starts_with(path_ + "/")) continue;
            inode->sync();
            folders.insert(parent(name));
        }
        for (const auto& folder : folders) disk_.sync_folder(folder);
        return {};
    }
    Result<std::unique_ptr<io::FolderLock>> lock(std::string_view name) override {
        const std::lock_guard guard(disk_.mutex_);
        if (!disk_.locks_.insert(at(name)).second) return fail(Error::system(EBUSY, "lock", at(name)));
        return std::make_unique<MemoryLock>(disk_, at(name));
    }
    std::string path() const override { return path_; }

  private:
    std::string at(std::string_view path) const {
        return path.empty() ? path_ : path_ + "/" + std::string(path);
    }

    FaultDisk& disk_;
    std::string path_;
};

inline Result<std::unique_ptr<io::Folder>> FaultDisk::open_folder(const std::string& path,
                                                                  io::IfMissing if_missing) {
    const std::lock_guard guard(mutex_);
    if (now_.files.contains(path)) return fail(Error::system(ENOTDIR, "open folder", path));
    if (!now_.folders.contains(path)) {
        if (if_missing == io::IfMissing::fail) return fail(Error::system(ENOENT, "open folder", path));
        now_.folders.insert(path);
        synced_.folders.insert(path);
    }
    return std::make_unique<MemoryFolder>(*this, path);
}

inline void FaultDisk::lose_power(Rng& rng) {
    locks_.clear();
    // Some first part of the changes of names reached the disk.
    const auto kept = rng.below(unsynced_.size() + 1);
    for (std::size_t i = 0; i < kept; ++i) unsynced_[i].apply(synced_);
    unsynced_.clear();
    // What is in a folder goes with its name.
    for (const auto& folder : now_.folders) {
        if (synced_.folders.contains(folder)) continue;
        const auto inside = [&](const std::string& name) { return name.starts_with(folder + "/"); };
        std::erase_if(synced_.files, [&](const auto& file) { return inside(file.first); });
        std::erase_if(synced_.folders, inside);
    }
    for (auto& [name, inode] : synced_.files) inode->lose_power(rng);
    now_ = synced_;
}

inline void FaultDisk::put(const std::string& path, std::vector<std::uint8_t> bytes) {
    auto inode = std::make_shared<Inode>();
    inode->now = bytes;
    inode->synced = std::move(bytes);
    now_.files[path] = inode;
    synced_.files[path] = inode;
}

inline std::vector<std::string> FaultDisk::names() const {
    std::vector<std::string> all;
    for (const auto& [name, inode] : now_.files) all.push_back(name);
    return all;
}

}  // namespace spate::testing
