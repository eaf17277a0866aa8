#include "sim/folder.h"

#include <cerrno>
#include <utility>

#include "sim/file.h"

namespace spate::sim {

namespace {

class SimLock final : public io::FolderLock {
  public:
    SimLock(Disk& disk, std::shared_ptr<Life> life, std::shared_ptr<Inode> file)
        : disk_(disk), life_(std::move(life)), file_(std::move(file)) {}
    ~SimLock() override {
        if (life_->alive()) disk_.unlock(*file_);
    }
    SimLock(const SimLock&) = delete;
    SimLock& operator=(const SimLock&) = delete;

  private:
    Disk& disk_;
    std::shared_ptr<Life> life_;
    std::shared_ptr<Inode> file_;
};

bool contains(const Inode& folder, const Inode& node) {
    if (&folder == &node) return true;
    if (folder.kind != InodeKind::folder) return false;
    for (const auto& [name, child] : folder.entries) {
        if (contains(*child, node)) return true;
    }
    return false;
}

io::FileKind seam_kind(InodeKind kind) {
    if (kind == InodeKind::file) return io::FileKind::file;
    return kind == InodeKind::folder ? io::FileKind::folder : io::FileKind::other;
}

}  // namespace

std::unexpected<Error> SimFolder::refuse(int code, const std::string& operation,
                                         std::string_view path) const {
    return fail(Error::system(code, operation, path_ + "/" + std::string(path)));
}

// Without a disk call of its own.
Result<SimFolder::Place> SimFolder::walk(const std::string& operation, std::string_view path) const {
    if (auto clean = io::check_path(path); !clean) return fail(std::move(clean.error()));
    auto folder = folder_;
    for (std::size_t start = 0;;) {
        const auto slash = path.find('/', start);
        const auto found = folder->entries.find(path.substr(start, slash - start));
        const auto node = found == folder->entries.end() ? nullptr : found->second;
        if (slash == path.npos) return Place{folder, std::string(path.substr(start)), node};
        if (!node) return refuse(ENOENT, operation, path);
        if (node->kind == InodeKind::link) return refuse(ELOOP, operation, path);
        if (node->kind != InodeKind::folder) return refuse(ENOTDIR, operation, path);
        folder = node;
        start = slash + 1;
    }
}

Result<SimFolder::Place> SimFolder::find(DiskCall call, const std::string& operation, std::string_view path) {
    if (auto clean = io::check_path(path); !clean) return fail(std::move(clean.error()));
    auto begun = disk_.begin(*life_, call, operation, path_ + "/" + std::string(path));
    if (!begun) return fail(std::move(begun.error()));
    return walk(operation, path);
}

Result<SimFolder::Place> SimFolder::find_folder(DiskCall call, const std::string& operation,
                                                std::string_view path) {
    if (path.empty()) {
        auto begun = disk_.begin(*life_, call, operation, path_);
        if (!begun) return fail(std::move(begun.error()));
        return Place{nullptr, {}, folder_};
    }
    auto place = find(call, operation, path);
    if (!place) return place;
    if (!place->node) return refuse(ENOENT, operation, path);
    if (place->node->kind == InodeKind::link) return refuse(ELOOP, operation, path);
    if (place->node->kind != InodeKind::folder) return refuse(ENOTDIR, operation, path);
    return place;
}

Result<std::shared_ptr<Inode>> SimFolder::open_inode(const std::string& operation, std::string_view path,
                                                     io::OpenMode mode) {
    using enum io::OpenMode;
    const bool makes = mode != read && mode != write;
    auto place = find(makes ? DiskCall::change : DiskCall::open, operation, path);
    if (!place) return fail(std::move(place.error()));
    if (!place->node) {
        if (!makes || place->folder->removed) return refuse(ENOENT, operation, path);
        if (disk_.pages_free() == 0) {
            disk_.simulation().mark("disk full");
            return refuse(ENOSPC, operation, path);
        }
        auto file = disk_.make_inode(InodeKind::file);
        disk_.set_entry(place->folder, place->name, file);
        return file;
    }
    if (mode == create_new || mode == create_secret) return refuse(EEXIST, operation, path);
    if (place->node->kind == InodeKind::link) return refuse(ELOOP, operation, path);
    if (place->node->kind == InodeKind::folder) return refuse(EISDIR, operation, path);
    if (place->node->kind == InodeKind::pipe) return refuse(EINVAL, operation, path);
    if (mode == create_empty) place->node->resize(0);
    return place->node;
}

Result<std::unique_ptr<io::File>> SimFolder::open(std::string_view path, io::OpenMode mode) {
    auto inode = open_inode("open", path, mode);
    if (!inode) return fail(std::move(inode.error()));
    return std::make_unique<SimFile>(disk_, life_, std::move(*inode), path_ + "/" + std::string(path),
                                     mode != io::OpenMode::read);
}

Result<std::unique_ptr<io::Folder>> SimFolder::open_folder(std::string_view path) {
    if (auto clean = io::check_path(path); !clean) return fail(std::move(clean.error()));
    auto place = find_folder(DiskCall::open, "open folder", path);
    if (!place) return fail(std::move(place.error()));
    return std::make_unique<SimFolder>(disk_, life_, place->node, path_ + "/" + std::string(path));
}

Result<void> SimFolder::make_folder(std::string_view path) {
    if (auto clean = io::check_path(path); !clean) return clean;
    for (std::size_t slash = 0; slash != path.npos;) {
        slash = path.find('/', slash + 1);
        const auto part = path.substr(0, slash);
        auto place = find(DiskCall::change, "make folder", part);
        if (!place) return fail(std::move(place.error()));
        if (!place->node) {
            if (place->folder->removed) return refuse(ENOENT, "make folder", part);
            if (disk_.pages_free() == 0) return refuse(ENOSPC, "make folder", part);
            disk_.set_entry(place->folder, place->name, disk_.make_inode(InodeKind::folder));
        } else if (place->node->kind == InodeKind::link) {
            return refuse(ELOOP, "make folder", part);
        } else if (place->node->kind != InodeKind::folder) {
            return refuse(ENOTDIR, "make folder", part);
        }
    }
    return {};
}

Result<io::FileInfo> SimFolder::info(std::string_view path) {
    auto seen = marked_info(path);
    if (!seen) return fail(std::move(seen.error()));
    return io::FileInfo(*seen);
}

Result<io::MarkedInfo> SimFolder::marked_info(std::string_view path) {
    auto place = find(DiskCall::info, "get info of", path);
    if (!place) return fail(std::move(place.error()));
    if (!place->node) return refuse(ENOENT, "get info of", path);
    const Inode& node = *place->node;
    const bool marked = node.kind == InodeKind::file && disk_.abilities().marks;
    return io::MarkedInfo{{seam_kind(node.kind), node.written.size, node.modified, node.modified_ns},
                          {marked ? node.change : 0, false}};
}

Result<std::vector<io::FolderItem>> SimFolder::list(std::string_view path_or_empty) {
    auto place = find_folder(DiskCall::list, "list", path_or_empty);
    if (!place) return fail(std::move(place.error()));
    std::vector<io::FolderItem> items;
    for (const auto& [name, node] : place->node->entries) items.push_back({name, seam_kind(node->kind)});
    return items;
}

int SimFolder::may_replace(const Inode& moved, const Inode& target) const {
    if (moved.kind == InodeKind::folder) {
        if (target.kind != InodeKind::folder) return ENOTDIR;
        return target.entries.empty() ? 0 : ENOTEMPTY;
    }
    return target.kind == InodeKind::folder ? EISDIR : 0;
}

Result<void> SimFolder::rename(std::string_view from, std::string_view to) {
    if (auto clean = io::check_path(to); !clean) return clean;
    auto source = find(DiskCall::change, "rename", from);
    if (!source) return fail(std::move(source.error()));
    if (!source->node) return refuse(ENOENT, "rename", from);
    auto target = walk("rename", to);
    if (!target) return fail(std::move(target.error()));
    if (target->node == source->node) return {};
    if (target->folder->removed) return refuse(ENOENT, "rename", to);
    if (contains(*source->node, *target->folder)) return refuse(EINVAL, "rename", to);
    if (target->node) {
        if (const auto code = may_replace(*source->node, *target->node); code != 0)
            return refuse(code, "rename", to);
        target->node->removed = true;
    }
    disk_.move_entry(source->folder, source->name, target->folder, target->name);
    return {};
}

Result<void> SimFolder::remove(std::string_view path) {
    auto place = find(DiskCall::change, "remove", path);
    if (!place) return fail(std::move(place.error()));
    if (!place->node) return refuse(ENOENT, "remove", path);
    if (!place->node->entries.empty()) return refuse(ENOTEMPTY, "remove", path);
    disk_.set_entry(place->folder, place->name, nullptr);
    return {};
}

Result<void> SimFolder::make_link(std::string_view path, std::string_view target) {
    auto place = find(DiskCall::change, "make link", path);
    if (!place) return fail(std::move(place.error()));
    if (place->node) return refuse(EEXIST, "make link", path);
    if (place->folder->removed) return refuse(ENOENT, "make link", path);
    auto link = disk_.make_inode(InodeKind::link);
    link->target = target;
    disk_.set_entry(place->folder, place->name, std::move(link));
    return {};
}

Result<std::string> SimFolder::read_link(std::string_view path) {
    auto place = find(DiskCall::info, "read link", path);
    if (!place) return fail(std::move(place.error()));
    if (!place->node) return refuse(ENOENT, "read link", path);
    if (place->node->kind != InodeKind::link) return refuse(EINVAL, "read link", path);
    return place->node->target;
}

// A simulated disk keeps no rights: only the errors are there.
Result<void> SimFolder::make_executable(std::string_view path) {
    auto inode = open_inode("make executable", path, io::OpenMode::read);
    if (!inode) return fail(std::move(inode.error()));
    return {};
}

Result<void> SimFolder::sync(std::string_view path_or_empty) {
    auto place = find_folder(DiskCall::sync, "sync folder", path_or_empty);
    if (!place) return fail(std::move(place.error()));
    disk_.sync_folder(*place->node);
    return {};
}

Result<void> SimFolder::sync_all() {
    if (!disk_.abilities().sync_all) return io::Folder::sync_all();
    auto begun = disk_.begin(*life_, DiskCall::sync, "sync all", path_);
    if (begun) {
        disk_.sync_all();
        disk_.simulation().mark("disk: all synced at once");
    } else if (life_->alive() && begun.error().is(std::errc::io_error)) {
        disk_.lose_all_unsynced();
    }
    const bool told = std::exchange(losses_told_, disk_.losses()) == disk_.losses();
    if (begun && !told) return fail(Error::system(EIO, "sync all", path_));
    return begun;
}

Result<std::unique_ptr<io::FolderLock>> SimFolder::lock(std::string_view name) {
    auto inode = open_inode("lock", name, io::OpenMode::create);
    if (!inode) return fail(std::move(inode.error()));
    if (!disk_.lock(**inode, *life_)) return refuse(EBUSY, "lock", name);
    return std::make_unique<SimLock>(disk_, life_, std::move(*inode));
}

}  // namespace spate::sim
