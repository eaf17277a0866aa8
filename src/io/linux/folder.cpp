#include "io/linux/folder.h"

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "io/linux/file.h"
#include "io/linux/retry.h"

namespace spate::io_linux {
namespace {

class HeldLock final : public io::FolderLock {
  public:
    explicit HeldLock(UniqueFd fd) : fd_(std::move(fd)) {}

  private:
    UniqueFd fd_;  // flock() lasts as long as this is open
};

struct CloseFolder {
    void operator()(DIR* folder) const { ::closedir(folder); }
};

io::FileKind kind_of(mode_t mode) {
    return S_ISREG(mode) ? io::FileKind::file : S_ISDIR(mode) ? io::FileKind::folder : io::FileKind::other;
}

io::FileKind kind_of(const dirent& item, int folder) {
    if (item.d_type != DT_UNKNOWN) return kind_of(static_cast<mode_t>(DTTOIF(item.d_type)));
    struct stat status{};
    if (::fstatat(folder, item.d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) return io::FileKind::other;
    return kind_of(status.st_mode);
}

// Of the file and the time of its last change, which nobody can set.
io::FileMark mark_of(const struct stat& status) {
    if (!S_ISREG(status.st_mode)) return {};
    std::uint64_t mark = 0;
    for (const auto part :
         {static_cast<std::uint64_t>(status.st_ino), static_cast<std::uint64_t>(status.st_ctim.tv_sec),
          static_cast<std::uint64_t>(status.st_ctim.tv_nsec)}) {
        mark = (mark ^ part) * 0x9e3779b97f4a7c15;
        mark ^= mark >> 32;
    }
    return {mark == 0 ? 1 : mark, status.st_nlink > 1};
}

}  // namespace

LinuxFolder::LinuxFolder(UniqueFd fd, std::string path, OpenWay way)
    : fd_(std::move(fd)), path_(std::move(path)), way_(way) {}

std::string LinuxFolder::full(std::string_view path) const {
    if (path.empty()) return path_;
    return path_ + (path_.ends_with('/') ? "" : "/") + std::string(path);
}

std::unexpected<Error> LinuxFolder::failed(const char* operation, std::string_view path) const {
    return fail(Error::system(errno, operation, full(path)));
}

Result<std::unique_ptr<io::File>> LinuxFolder::open(std::string_view path, io::OpenMode mode) {
    if (auto good = io::check_path(path); !good) return fail(std::move(good.error()));
    // O_NONBLOCK: a pipe without a partner must not hold us; regular files do not care.
    const mode_t rights = mode == io::OpenMode::create_secret ? 0600 : 0666;
    UniqueFd fd = open_beneath(fd_.get(), path, open_flags(mode) | O_NONBLOCK | O_NOCTTY, rights, way_);
    if (!fd) return failed("open", path);
    struct stat status{};
    if (::fstat(fd.get(), &status) != 0) return failed("open", path);
    if (S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        return failed("open", path);
    }
    if (!S_ISREG(status.st_mode)) return fail(Error::invalid("open", full(path), "it is not a regular file"));
    return std::make_unique<LinuxFile>(std::move(fd), full(path));
}

Result<std::unique_ptr<io::Folder>> LinuxFolder::open_folder(std::string_view path) {
    if (auto good = io::check_path(path); !good) return fail(std::move(good.error()));
    UniqueFd fd = open_beneath(fd_.get(), path, O_PATH | O_DIRECTORY, 0, way_);
    if (!fd) return failed("open folder", path);
    return std::make_unique<LinuxFolder>(std::move(fd), full(path), way_);
}

Result<void> LinuxFolder::make_folder(std::string_view path) {
    if (auto good = io::check_path(path); !good) return good;
    UniqueFd above;
    for (std::size_t start = 0; start < path.size();) {
        const auto slash = std::min(path.find('/', start), path.size());
        const std::string name(path.substr(start, slash - start));
        const int parent = above ? above.get() : fd_.get();
        if (::mkdirat(parent, name.c_str(), 0777) != 0 && errno != EEXIST) return failed("make folder", path);
        above = open_beneath(parent, name, O_PATH | O_DIRECTORY, 0, way_);
        if (!above) return failed("make folder", path);
        start = slash + 1;
    }
    return {};
}

// One component leads nowhere but into the folder itself, which takes one call instead of three.
bool LinuxFolder::look_at(std::string_view path, struct stat& status) const {
    if (path.find('/') == path.npos)
        return ::fstatat(fd_.get(), std::string(path).c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
    const UniqueFd fd = open_beneath(fd_.get(), path, O_PATH, 0, way_);
    return fd && ::fstat(fd.get(), &status) == 0;
}

Result<io::FileInfo> LinuxFolder::info(std::string_view path) {
    if (auto good = io::check_path(path); !good) return fail(std::move(good.error()));
    struct stat status{};
    if (!look_at(path, status)) return failed("look at", path);
    return file_info(status);
}

Result<io::MarkedInfo> LinuxFolder::marked_info(std::string_view path) {
    if (auto good = io::check_path(path); !good) return fail(std::move(good.error()));
    struct stat status{};
    if (!look_at(path, status)) return failed("look at", path);
    return io::MarkedInfo{file_info(status), mark_of(status)};
}

Result<UniqueFd> LinuxFolder::open_to_read(const char* operation, std::string_view path_or_empty) const {
    if (!path_or_empty.empty()) {
        if (auto good = io::check_path(path_or_empty); !good) return fail(std::move(good.error()));
    }
    const auto path = path_or_empty.empty() ? std::string_view(".") : path_or_empty;
    UniqueFd fd = open_beneath(fd_.get(), path, O_RDONLY | O_DIRECTORY, 0, way_);
    if (!fd) return failed(operation, path_or_empty);
    return fd;
}

Result<std::vector<io::FolderItem>> LinuxFolder::list(std::string_view path_or_empty) {
    auto fd = open_to_read("list", path_or_empty);
    if (!fd) return fail(std::move(fd.error()));
    const std::unique_ptr<DIR, CloseFolder> folder(::fdopendir(fd->get()));
    if (!folder) return failed("list", path_or_empty);
    static_cast<void>(fd->release());
    std::vector<io::FolderItem> items;
    for (;;) {
        errno = 0;
        const dirent* item = ::readdir(folder.get());
        if (!item) break;
        const std::string_view name = item->d_name;
        if (name != "." && name != "..")
            items.push_back({std::string(name), kind_of(*item, ::dirfd(folder.get()))});
    }
    if (errno != 0) return failed("list", path_or_empty);
    std::ranges::sort(items, {}, &io::FolderItem::name);
    return items;
}

Result<void> LinuxFolder::rename(std::string_view from, std::string_view to) {
    if (auto good = io::check_path(from); !good) return good;
    if (auto good = io::check_path(to); !good) return good;
    const UniqueFd from_parent = open_parent(fd_.get(), from, way_);
    if (!from_parent) return failed("rename", from);
    const UniqueFd to_parent = open_parent(fd_.get(), to, way_);
    if (!to_parent) return failed("rename to", to);
    if (::renameat(from_parent.get(), last_name(from).c_str(), to_parent.get(), last_name(to).c_str()) != 0) {
        return failed("rename", from);
    }
    return {};
}

Result<void> LinuxFolder::remove(std::string_view path) {
    if (auto good = io::check_path(path); !good) return good;
    const UniqueFd parent = open_parent(fd_.get(), path, way_);
    if (!parent) return failed("remove", path);
    const std::string name = last_name(path);
    if (::unlinkat(parent.get(), name.c_str(), 0) == 0) return {};
    if (errno == EISDIR && ::unlinkat(parent.get(), name.c_str(), AT_REMOVEDIR) == 0) return {};
    return failed("remove", path);
}

Result<void> LinuxFolder::make_link(std::string_view path, std::string_view target) {
    if (auto good = io::check_path(path); !good) return good;
    const UniqueFd parent = open_parent(fd_.get(), path, way_);
    if (!parent) return failed("make link", path);
    if (::symlinkat(std::string(target).c_str(), parent.get(), last_name(path).c_str()) != 0)
        return failed("make link", path);
    return {};
}

Result<std::string> LinuxFolder::read_link(std::string_view path) {
    if (auto good = io::check_path(path); !good) return fail(std::move(good.error()));
    const UniqueFd parent = open_parent(fd_.get(), path, way_);
    if (!parent) return failed("read link", path);
    std::string target(PATH_MAX, '\0');
    const auto size = ::readlinkat(parent.get(), last_name(path).c_str(), target.data(), target.size());
    if (size < 0) return failed("read link", path);
    target.resize(static_cast<std::size_t>(size));
    return target;
}

Result<void> LinuxFolder::make_executable(std::string_view path) {
    if (auto good = io::check_path(path); !good) return good;
    const UniqueFd fd = open_beneath(fd_.get(), path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, way_);
    struct stat status{};
    if (!fd || ::fstat(fd.get(), &status) != 0) return failed("make executable", path);
    if (!S_ISREG(status.st_mode))
        return fail(Error::invalid("make executable", full(path), "it is not a regular file"));
    const mode_t mode = (status.st_mode & 0777U) | ((status.st_mode & 0444U) >> 2U);
    if ((status.st_mode & 07777U) == mode) return {};  // a chmod would make it look touched
    if (::fchmod(fd.get(), mode) != 0) return failed("make executable", path);
    return {};
}

Result<void> LinuxFolder::sync(std::string_view path_or_empty) {
    const auto fd = open_to_read("sync folder", path_or_empty);
    if (!fd) return fail(fd.error());
    if (retry([&] { return ::fsync(fd->get()); }) != 0) return failed("sync folder", path_or_empty);
    return {};
}

Result<void> LinuxFolder::sync_all() {
    const auto fd = open_to_read("sync", "");
    if (!fd) return fail(fd.error());
    if (retry([&] { return ::syncfs(fd->get()); }) != 0) return failed("sync", "");
    return {};
}

std::uint64_t LinuxFolder::disk() const {
    struct stat status{};
    return ::fstat(fd_.get(), &status) == 0 ? status.st_dev : 0;
}

Result<std::unique_ptr<io::FolderLock>> LinuxFolder::lock(std::string_view name) {
    if (auto good = io::check_path(name); !good) return fail(std::move(good.error()));
    UniqueFd fd = open_beneath(fd_.get(), name, O_RDWR | O_CREAT | O_NONBLOCK | O_NOCTTY, 0666, way_);
    if (!fd) return failed("lock", name);
    if (retry([&] { return ::flock(fd.get(), LOCK_EX | LOCK_NB); }) != 0) {
        if (errno == EWOULDBLOCK) errno = EBUSY;
        return failed("lock", name);
    }
    return std::make_unique<HeldLock>(std::move(fd));
}

}  // namespace spate::io_linux
