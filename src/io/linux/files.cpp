#include "io/linux/files.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <utility>

#include "io/linux/folder.h"
#include "io/linux/retry.h"

namespace spate::io_linux {
namespace {

Result<void> sync_parent(const std::string& path) {
    const auto slash = path.rfind('/');
    const auto parent = slash == path.npos ? "." : path.substr(0, slash + 1);
    const UniqueFd fd(retry([&] { return ::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
    if (!fd || retry([&] { return ::fsync(fd.get()); }) != 0)
        return fail(Error::system(errno, "sync folder", parent));
    return {};
}

// That a folder cannot be made is the error unless it is there: who may not make one in `/` is told so of
// each that is there already.
Result<void> make_with_parents(const std::string& path) {
    for (std::size_t slash = 0; slash != path.npos;) {
        slash = path.find('/', slash + 1);
        const auto part = path.substr(0, slash);
        if (::mkdir(part.c_str(), 0777) != 0) {
            const int error = errno;
            struct stat status{};
            if (error != EEXIST && ::stat(part.c_str(), &status) != 0)
                return fail(Error::system(error, "make folder", part));
            continue;
        }
        if (auto synced = sync_parent(part); !synced) return synced;
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<io::Folder>> LinuxFiles::open_folder(const std::string& path,
                                                            io::IfMissing if_missing) {
    const auto open = [&] {
        return UniqueFd(retry([&] { return ::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC); }));
    };
    UniqueFd fd = open();
    if (!fd && errno == ENOENT && if_missing == io::IfMissing::make) {
        if (auto made = make_with_parents(path); !made) return fail(std::move(made.error()));
        fd = open();
    }
    if (!fd) return fail(Error::system(errno, "open folder", path));
    return std::make_unique<LinuxFolder>(std::move(fd), path, way_);
}

}  // namespace spate::io_linux
