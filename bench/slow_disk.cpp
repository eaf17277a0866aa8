// A slow disk for bench/disk: a folder seen through FUSE (libfuse3), whose writes pass at a rate, whose reads
// and syncs take a while each. Reads may come side by side, as from a network's disk; writes and syncs stand
// in one queue. A close is a sync, as on NFS.
//   slow_disk FOLDER MOUNT_POINT WRITE_BYTES_A_SECOND SYNC_MS READ_MS COUNTS_FILE
// Rate 0: no limit. It is fast until SIGUSR1. Every change of what passed goes into COUNTS_FILE: bytes read,
// reads, bytes written, writes, syncs. Ends when unmounted, or by SIGTERM.
#define FUSE_USE_VERSION 35
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <fuse3/fuse.h>
#include <mutex>
#include <string>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <thread>
#include <unistd.h>

namespace {

constexpr unsigned side_by_side = 48;  // reads

using Clock = std::chrono::steady_clock;

std::string folder;
double write_rate = 0;
std::chrono::milliseconds sync_time{};
std::chrono::milliseconds read_time{};
int counts_file = -1;
std::atomic<bool> slow = false;

struct Counts {
    std::atomic<long> read_bytes = 0, reads = 0, written_bytes = 0, writes = 0, syncs = 0;
} counts;

void tell() {
    char text[128];
    const int size = std::snprintf(text, sizeof text, "%20ld %20ld %20ld %20ld %20ld\n",
                                   counts.read_bytes.load(), counts.reads.load(), counts.written_bytes.load(),
                                   counts.writes.load(), counts.syncs.load());
    static_cast<void>(!::pwrite(counts_file, text, static_cast<std::size_t>(size), 0));
}

// The disk's one queue: whoever comes waits for those before, and then for its own time.
void take(std::chrono::nanoseconds time) {
    static std::mutex mutex;
    static Clock::time_point free{};
    if (!slow || time.count() == 0) return;
    Clock::time_point end;
    {
        const std::lock_guard guard(mutex);
        end = free = std::max(free, Clock::now()) + time;
    }
    std::this_thread::sleep_until(end);
}

std::string at(const char* path) {
    return folder + path;
}
int result(long value) {
    return value < 0 ? -errno : static_cast<int>(value);
}
int fd(const fuse_file_info* info) {
    return static_cast<int>(info->fh);
}

void* begin(fuse_conn_info* connection, fuse_config* config) {
    connection->max_background = side_by_side;
    config->use_ino = 1;
    config->kernel_cache = 1;
    config->nullpath_ok = 0;
    return nullptr;
}

int get_attributes(const char* path, struct stat* status, fuse_file_info* info) {
    return result(info != nullptr ? ::fstat(fd(info), status) : ::lstat(at(path).c_str(), status));
}

int open_file(const char* path, fuse_file_info* info) {
    const int opened = ::open(at(path).c_str(), info->flags & ~O_NOFOLLOW);
    if (opened < 0) return -errno;
    info->fh = static_cast<std::uint64_t>(opened);
    return 0;
}

int create_file(const char* path, mode_t mode, fuse_file_info* info) {
    const int opened = ::open(at(path).c_str(), info->flags | O_CREAT, mode);
    if (opened < 0) return -errno;
    info->fh = static_cast<std::uint64_t>(opened);
    return 0;
}

int read_file(const char*, char* into, std::size_t size, off_t offset, fuse_file_info* info) {
    if (slow) std::this_thread::sleep_for(read_time);
    const auto got = ::pread(fd(info), into, size, offset);
    counts.read_bytes += std::max<long>(0, got);
    ++counts.reads;
    tell();
    return result(got);
}

int write_file(const char*, const char* from, std::size_t size, off_t offset, fuse_file_info* info) {
    if (write_rate > 0)
        take(std::chrono::nanoseconds(static_cast<long>(static_cast<double>(size) / write_rate * 1e9)));
    const auto put = ::pwrite(fd(info), from, size, offset);
    counts.written_bytes += std::max<long>(0, put);
    ++counts.writes;
    tell();
    return result(put);
}

int sync_now(const fuse_file_info* info) {
    take(sync_time);
    ++counts.syncs;
    tell();
    return result(::fdatasync(fd(info)));
}

int sync_file(const char*, int, fuse_file_info* info) {
    return sync_now(info);
}

int close_one(const char*, fuse_file_info* info) {
    return (info->flags & O_ACCMODE) == O_RDONLY ? 0 : sync_now(info);
}

int release(const char*, fuse_file_info* info) {
    return result(::close(fd(info)));
}

int resize(const char* path, off_t size, fuse_file_info* info) {
    return result(info != nullptr ? ::ftruncate(fd(info), size) : ::truncate(at(path).c_str(), size));
}

int list(const char* path, void* buffer, fuse_fill_dir_t fill, off_t, fuse_file_info*, fuse_readdir_flags) {
    DIR* const opened = ::opendir(at(path).c_str());
    if (opened == nullptr) return -errno;
    while (const dirent* item = ::readdir(opened))
        fill(buffer, item->d_name, nullptr, 0, static_cast<fuse_fill_dir_flags>(0));
    ::closedir(opened);
    return 0;
}

int make_folder(const char* path, mode_t mode) {
    return result(::mkdir(at(path).c_str(), mode));
}
int remove_file(const char* path) {
    return result(::unlink(at(path).c_str()));
}
int remove_folder(const char* path) {
    return result(::rmdir(at(path).c_str()));
}
int rename_file(const char* from, const char* to, unsigned) {
    return result(::rename(at(from).c_str(), at(to).c_str()));
}
int sync_folder(const char*, int, fuse_file_info*) {
    take(sync_time);
    return 0;
}

fuse_operations operations() {
    fuse_operations all{};
    all.init = begin;
    all.getattr = get_attributes;
    all.open = open_file;
    all.create = create_file;
    all.read = read_file;
    all.write = write_file;
    all.fsync = sync_file;
    all.flush = close_one;
    all.release = release;
    all.truncate = resize;
    all.readdir = list;
    all.mkdir = make_folder;
    all.unlink = remove_file;
    all.rmdir = remove_folder;
    all.rename = rename_file;
    all.fsyncdir = sync_folder;
    return all;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 7) {
        std::fprintf(
            stderr, "usage: slow_disk FOLDER MOUNT_POINT WRITE_BYTES_A_SECOND SYNC_MS READ_MS COUNTS_FILE\n");
        return 2;
    }
    folder = argv[1];
    write_rate = std::atof(argv[3]);
    sync_time = std::chrono::milliseconds(std::atoi(argv[4]));
    read_time = std::chrono::milliseconds(std::atoi(argv[5]));
    counts_file = ::open(argv[6], O_CREAT | O_TRUNC | O_WRONLY, 0644);
    if (counts_file < 0) {
        std::perror(argv[6]);
        return 1;
    }
    tell();
    std::signal(SIGUSR1, [](int) { slow = true; });
    const auto all = operations();
    char foreground[] = "-f", option[] = "-o",
         values[] = "default_permissions,max_threads=64,max_idle_threads=64";
    char* arguments[] = {argv[0], foreground, option, values, argv[2]};
    return fuse_main(5, arguments, &all, nullptr);
}
