#include "io/linux/file.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/uio.h>
#include <unistd.h>
#include <utility>

#include "io/linux/retry.h"

namespace spate::io_linux {

namespace {

// cachestat(2), Linux 6.5, which Debian 12 has no name for.
constexpr long cachestat_call = 451;
struct CacheRange {
    std::uint64_t offset, size;
};
struct CacheStat {
    std::uint64_t cached, dirty, written_back, evicted, evicted_lately;
};

// False: the system knows that it is not.
bool may_be_in_memory(int fd, std::uint64_t offset, std::uint64_t size) {
    const CacheRange range{offset, size};
    CacheStat found{};
    if (size == 0 || ::syscall(cachestat_call, fd, &range, &found, 0) != 0) return true;
    static const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    return found.cached >= (offset + size - 1) / page - offset / page + 1;
}

}  // namespace

LinuxFile::LinuxFile(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

Result<std::size_t> LinuxFile::read_at(std::uint64_t offset, MutableBytes into) {
    if (home_ == Home::unknown) home_ = look_for_home();
    std::size_t filled = 0;
    while (filled < into.size()) {
        const auto rest = into.subspan(filled);
        const ssize_t got = retry([&] {
            return ::pread(fd_.get(), rest.data(), rest.size(), static_cast<off_t>(offset + filled));
        });
        if (got < 0) return fail(Error::system(errno, "read", path_));
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    return filled;
}

LinuxFile::Home LinuxFile::look_for_home() const {
    struct statfs system{};
    if (::fstatfs(fd_.get(), &system) != 0) return Home::disk;
    return system.f_type == TMPFS_MAGIC || system.f_type == RAMFS_MAGIC ? Home::memory : Home::disk;
}

// Asked first, as RWF_NOWAIT has the disk read what is not there, which may wait for room in its queue; tmpfs
// refuses RWF_NOWAIT, and waits for nothing but swap.
bool LinuxFile::read_cached(std::uint64_t offset, MutableBytes into) {
    if (!may_be_in_memory(fd_.get(), offset, into.size())) return false;
    const iovec part{into.data(), into.size()};
    const int flags = home_ == Home::memory ? 0 : RWF_NOWAIT;
    const ssize_t got =
        retry([&] { return ::preadv2(fd_.get(), &part, 1, static_cast<off_t>(offset), flags); });
    return got >= 0 && static_cast<std::size_t>(got) == into.size();
}

// Of one call the kernel takes no more than its own read-ahead, mostly 128 KiB, whatever is asked for.
void LinuxFile::will_need(std::uint64_t offset, std::uint64_t size) {
    constexpr std::uint64_t at_a_time = 128 << 10;
    for (const auto end = offset + size; offset < end; offset += at_a_time) {
        const auto part = std::min(at_a_time, end - offset);
        static_cast<void>(::posix_fadvise(fd_.get(), static_cast<off_t>(offset), static_cast<off_t>(part),
                                          POSIX_FADV_WILLNEED));
    }
}

Result<void> LinuxFile::write_at(std::uint64_t offset, Bytes data) {
    while (!data.empty()) {
        const ssize_t put =
            retry([&] { return ::pwrite(fd_.get(), data.data(), data.size(), static_cast<off_t>(offset)); });
        if (put <= 0) return fail(Error::system(put < 0 ? errno : EIO, "write", path_));
        offset += static_cast<std::size_t>(put);
        data = data.subspan(static_cast<std::size_t>(put));
    }
    return {};
}

Result<std::uint64_t> LinuxFile::size() {
    struct stat status{};
    if (::fstat(fd_.get(), &status) != 0) return fail(Error::system(errno, "ask for the size of", path_));
    return static_cast<std::uint64_t>(status.st_size);
}

Result<io::FileInfo> LinuxFile::info() {
    struct stat status{};
    if (::fstat(fd_.get(), &status) != 0) return fail(Error::system(errno, "look at", path_));
    return file_info(status);
}

Result<void> LinuxFile::reserve(std::uint64_t size) {
    if (retry([&] { return ::fallocate(fd_.get(), 0, 0, static_cast<off_t>(size)); }) == 0) return {};
    if (errno != EOPNOTSUPP) return fail(Error::system(errno, "take room for", path_));
    return File::reserve(size);
}

Result<void> LinuxFile::resize(std::uint64_t size) {
    if (retry([&] { return ::ftruncate(fd_.get(), static_cast<off_t>(size)); }) != 0) {
        return fail(Error::system(errno, "resize", path_));
    }
    return {};
}

Result<void> LinuxFile::sync() {
    if (retry([&] { return ::fdatasync(fd_.get()); }) != 0) return fail(Error::system(errno, "sync", path_));
    return {};
}

io::FileInfo file_info(const struct stat& status) {
    return {.kind = S_ISREG(status.st_mode)   ? io::FileKind::file
                    : S_ISDIR(status.st_mode) ? io::FileKind::folder
                                              : io::FileKind::other,
            .size = static_cast<std::uint64_t>(status.st_size),
            .modified = {status.st_mtim.tv_sec},
            .modified_ns = static_cast<std::uint32_t>(status.st_mtim.tv_nsec)};
}

int open_flags(io::OpenMode mode) {
    switch (mode) {
        case io::OpenMode::read:
            return O_RDONLY;
        case io::OpenMode::write:
            return O_RDWR;
        case io::OpenMode::create:
            return O_RDWR | O_CREAT;
        case io::OpenMode::create_new:
        case io::OpenMode::create_secret:
            return O_RDWR | O_CREAT | O_EXCL;
        case io::OpenMode::create_empty:
            return O_RDWR | O_CREAT | O_TRUNC;
    }
    std::unreachable();
}

}  // namespace spate::io_linux
