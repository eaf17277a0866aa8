#include "io/linux/beneath.h"

#include <cerrno>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io/linux/retry.h"

namespace spate::io_linux {
namespace {

UniqueFd call_openat2(int folder, const std::string& path, int flags, mode_t mode) {
    open_how how{};
    how.flags = static_cast<unsigned>(flags);
    how.mode = (flags & O_CREAT) != 0 ? mode : 0;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    return UniqueFd(static_cast<int>(
        retry([&] { return ::syscall(SYS_openat2, folder, path.c_str(), &how, sizeof how); })));
}

bool is_link(int fd) {
    struct stat status{};
    return fd >= 0 && ::fstat(fd, &status) == 0 && S_ISLNK(status.st_mode);
}

// Asked for a folder, the kernel calls a link at the path's end "not a folder"; we call it a link.
UniqueFd openat2_beneath(int folder, const std::string& path, int flags, mode_t mode) {
    UniqueFd fd = call_openat2(folder, path, flags, mode);
    if (!fd && errno == ENOTDIR) {
        const UniqueFd last = call_openat2(folder, path, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
        errno = is_link(last.get()) ? ELOOP : ENOTDIR;
    }
    return fd;
}

UniqueFd open_component(int folder, const std::string& name, int flags, mode_t mode) {
    UniqueFd fd(retry([&] { return ::openat(folder, name.c_str(), flags, mode); }));
    if (!fd && errno == ENOTDIR) {
        const UniqueFd last(::openat(folder, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
        errno = is_link(last.get()) ? ELOOP : ENOTDIR;
    }
    return fd;
}

UniqueFd walk_beneath(int folder, std::string_view path, int flags, mode_t mode) {
    UniqueFd above;
    for (auto slash = path.find('/'); slash != path.npos; slash = path.find('/')) {
        const std::string name(path.substr(0, slash));
        above = open_component(above ? above.get() : folder, name,
                               O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
        if (!above) return {};
        path.remove_prefix(slash + 1);
    }
    return open_component(above ? above.get() : folder, std::string(path), flags, mode);
}

}  // namespace

UniqueFd open_beneath(int folder, std::string_view path, int flags, mode_t mode, OpenWay way) {
    flags |= O_CLOEXEC | O_NOFOLLOW;
    if (way == OpenWay::kernel) {
        UniqueFd fd = openat2_beneath(folder, std::string(path), flags, mode);
        // EPERM may also be the file's own answer; the walk then says it again. EAGAIN: the tree moved under
        // it.
        if (fd || (errno != ENOSYS && errno != EPERM && errno != EAGAIN)) return fd;
    }
    return walk_beneath(folder, path, flags, mode);
}

UniqueFd open_parent(int folder, std::string_view path, OpenWay way) {
    const auto slash = path.rfind('/');
    const auto above = slash == path.npos ? std::string_view(".") : path.substr(0, slash);
    return open_beneath(folder, above, O_PATH | O_DIRECTORY, 0, way);
}

std::string last_name(std::string_view path) {
    const auto slash = path.rfind('/');
    return std::string(slash == path.npos ? path : path.substr(slash + 1));
}

}  // namespace spate::io_linux
