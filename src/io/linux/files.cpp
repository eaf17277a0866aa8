#include "io/linux/files.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>

#include "io/linux/folder.h"
#include "io/linux/retry.h"

namespace spate::io_linux {
namespace {

// What cannot be made is found out by the open that follows.
void make_with_parents(const std::string& path) {
    for (auto slash = path.find('/', 1); slash != path.npos; slash = path.find('/', slash + 1)) {
        static_cast<void>(::mkdir(path.substr(0, slash).c_str(), 0777));
    }
    static_cast<void>(::mkdir(path.c_str(), 0777));
}

}  // namespace

Result<std::unique_ptr<io::Folder>> LinuxFiles::open_folder(const std::string& path,
                                                            io::IfMissing if_missing) {
    const auto open = [&] {
        return UniqueFd(retry([&] { return ::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC); }));
    };
    UniqueFd fd = open();
    if (!fd && errno == ENOENT && if_missing == io::IfMissing::make) {
        make_with_parents(path);
        fd = open();
    }
    if (!fd) return fail(Error::system(errno, "open folder", path));
    return std::make_unique<LinuxFolder>(std::move(fd), path, way_);
}

}  // namespace spate::io_linux
