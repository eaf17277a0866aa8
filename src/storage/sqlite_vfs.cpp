#include "storage/sqlite_vfs.h"

#include <array>
#include <cstring>
#include <sqlite3.h>

#include "storage/page_checksum.h"

namespace spate::storage {

struct SqliteVfs::Impl {
    explicit Impl(io::Folder& in) : folder(in) {}

    int report(const Error& error, int code) {
        last_error = error;
        const bool full = error.is(std::errc::no_space_on_device) ||
                          error.code == std::error_code(EDQUOT, std::generic_category());
        return full ? SQLITE_FULL : code;
    }

    io::Folder& folder;
    std::string name;
    std::optional<Error> last_error;
    sqlite3_vfs vfs{};
};

namespace {

using Impl = SqliteVfs::Impl;
using Page = std::array<std::uint8_t, SqliteVfs::page_bytes>;
constexpr auto content_bytes = SqliteVfs::page_bytes - SqliteVfs::checksum_bytes;

// One open file of SQLite's.
struct OpenFile {
    Impl& impl;
    std::unique_ptr<io::File> file;
    std::string name;
    bool holds_pages = false;    // the database itself, not its journal or WAL
    bool name_unsynced = false;  // perhaps; the folder must reach the disk with the first sync
    bool sync_failed = false;    // what was written before is lost, and no later sync would tell
};

// SQLite allocates this and knows the base only.
struct Handle {
    sqlite3_file base;
    OpenFile* open;
};

OpenFile& of(sqlite3_file* file) {
    return *reinterpret_cast<Handle*>(file)->open;
}
Impl& of(sqlite3_vfs* vfs) {
    return *static_cast<Impl*>(vfs->pAppData);
}

bool is_page(int amount, sqlite3_int64 offset) {
    return amount == SqliteVfs::page_bytes && offset % static_cast<sqlite3_int64>(SqliteVfs::page_bytes) == 0;
}

int damaged(OpenFile& open, sqlite3_int64 offset) {
    open.impl.last_error = Error::invalid(
        "read", open.name,
        "its page " + std::to_string(offset / static_cast<int>(SqliteVfs::page_bytes) + 1) + " is damaged",
        std::errc::bad_message);
    return SQLITE_IOERR_DATA;
}

// Whole pages carry a checksum; SQLite also peeks at parts of the header. Any other read means that the page
// size in the header is not ours.
int check_read(OpenFile& open, Bytes read, sqlite3_int64 offset) {
    if (!open.holds_pages || (read.size() <= 100 && offset < 100)) return SQLITE_OK;
    if (!is_page(static_cast<int>(read.size()), offset)) return damaged(open, offset);
    std::uint64_t stored = 0;
    std::memcpy(&stored, read.data() + content_bytes, sizeof stored);
    const auto sum = page_checksum(read.first(content_bytes), static_cast<std::uint64_t>(offset));
    return sum == stored ? SQLITE_OK : damaged(open, offset);
}

int close_file(sqlite3_file* file) {
    delete &of(file);
    return SQLITE_OK;
}

int read_file_at(sqlite3_file* file, void* into, int amount, sqlite3_int64 offset) {
    auto& open = of(file);
    const MutableBytes buffer(static_cast<std::uint8_t*>(into), static_cast<std::size_t>(amount));
    const auto count = open.file->read_at(static_cast<std::uint64_t>(offset), buffer);
    if (!count) return open.impl.report(count.error(), SQLITE_IOERR_READ);
    if (*count < buffer.size()) {
        std::memset(buffer.data() + *count, 0, buffer.size() - *count);  // SQLite relies on it
        return SQLITE_IOERR_SHORT_READ;
    }
    return check_read(open, buffer, offset);
}

int write_file_at(sqlite3_file* file, const void* data, int amount, sqlite3_int64 offset) {
    auto& open = of(file);
    Bytes bytes(static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(amount));
    Page page;
    if (open.holds_pages && is_page(amount, offset)) {
        std::memcpy(page.data(), data, content_bytes);
        const auto sum = page_checksum(Bytes(page).first(content_bytes), static_cast<std::uint64_t>(offset));
        std::memcpy(page.data() + content_bytes, &sum, sizeof sum);
        bytes = page;
    }
    const auto written = open.file->write_at(static_cast<std::uint64_t>(offset), bytes);
    return written ? SQLITE_OK : open.impl.report(written.error(), SQLITE_IOERR_WRITE);
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
    auto& open = of(file);
    const auto resized = open.file->resize(static_cast<std::uint64_t>(size));
    return resized ? SQLITE_OK : open.impl.report(resized.error(), SQLITE_IOERR_TRUNCATE);
}

int sync_file(sqlite3_file* file, int) {
    auto& open = of(file);
    // SQLite itself goes on after a checkpoint that failed.
    if (open.sync_failed) {
        return open.impl.report(Error::system(EIO, "sync again", open.name), SQLITE_IOERR_FSYNC);
    }
    if (const auto synced = open.file->sync(); !synced) {
        open.sync_failed = true;
        return open.impl.report(synced.error(), SQLITE_IOERR_FSYNC);
    }
    if (!open.name_unsynced) return SQLITE_OK;
    if (const auto synced = open.impl.folder.sync({}); !synced) {
        return open.impl.report(synced.error(), SQLITE_IOERR_DIR_FSYNC);
    }
    open.name_unsynced = false;
    return SQLITE_OK;
}

int size_of_file(sqlite3_file* file, sqlite3_int64* size) {
    auto& open = of(file);
    const auto known = open.file->size();
    if (!known) return open.impl.report(known.error(), SQLITE_IOERR_FSTAT);
    *size = static_cast<sqlite3_int64>(*known);
    return SQLITE_OK;
}

// One connection a file (Database's lock file): nobody to lock out.
int set_lock(sqlite3_file*, int) {
    return SQLITE_OK;
}
int reserved_lock(sqlite3_file*, int* held) {
    *held = 0;
    return SQLITE_OK;
}
int control(sqlite3_file*, int, void*) {
    return SQLITE_NOTFOUND;
}
int sector_size(sqlite3_file*) {
    return SqliteVfs::page_bytes;
}
int characteristics(sqlite3_file*) {
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

// Version 1: no shared memory, no memory map.
constexpr sqlite3_io_methods file_methods = {
    1,        close_file, read_file_at,  write_file_at, truncate_file, sync_file,       size_of_file,
    set_lock, set_lock,   reserved_lock, control,       sector_size,   characteristics, nullptr,
    nullptr,  nullptr,    nullptr,       nullptr,       nullptr};

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* flags_out) {
    auto& impl = of(vfs);
    file->pMethods = nullptr;
    constexpr int ours = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL;
    if (name == nullptr || (flags & ours) == 0) return SQLITE_CANTOPEN;  // temporary data stays in memory
    const bool may_make = (flags & SQLITE_OPEN_CREATE) != 0;
    auto opened = impl.folder.open(name, may_make ? io::OpenMode::create : io::OpenMode::write);
    if (!opened) return impl.report(opened.error(), SQLITE_CANTOPEN);
    const bool holds_pages = (flags & SQLITE_OPEN_MAIN_DB) != 0;
    // A file that is there may have been made by a process that ended before it synced the name.
    reinterpret_cast<Handle*>(file)->open =
        new OpenFile{impl, std::move(*opened), name, holds_pages, may_make, false};
    file->pMethods = &file_methods;
    if (flags_out != nullptr) *flags_out = flags;
    return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* name, int sync_folder) {
    auto& impl = of(vfs);
    if (const auto removed = impl.folder.remove(name); !removed) {
        if (removed.error().is(std::errc::no_such_file_or_directory)) return SQLITE_IOERR_DELETE_NOENT;
        return impl.report(removed.error(), SQLITE_IOERR_DELETE);
    }
    if (sync_folder == 0) return SQLITE_OK;
    const auto synced = impl.folder.sync({});
    return synced ? SQLITE_OK : impl.report(synced.error(), SQLITE_IOERR_DIR_FSYNC);
}

int file_exists(sqlite3_vfs* vfs, const char* name, int flags, int* yes) {
    auto& impl = of(vfs);
    const auto info = impl.folder.info(name);
    if (!info && !info.error().is(std::errc::no_such_file_or_directory)) {
        return impl.report(info.error(), SQLITE_IOERR_ACCESS);
    }
    // An empty file is as good as none to SQLite when it looks for a journal left behind.
    *yes = info && (flags != SQLITE_ACCESS_EXISTS || info->size > 0) ? 1 : 0;
    return SQLITE_OK;
}

int full_name(sqlite3_vfs*, const char* name, int room, char* out) {
    const auto size = std::strlen(name) + 1;
    if (size > static_cast<std::size_t>(room)) return SQLITE_CANTOPEN;
    std::memcpy(out, name, size);
    return SQLITE_OK;
}

// SQLite seeds its generator from the process's default VFS, and never from this one.
int no_randomness(sqlite3_vfs*, int, char*) {
    return 0;
}
// Nobody else holds our files, so there is nothing to wait for.
int no_sleep(sqlite3_vfs*, int microseconds) {
    return microseconds;
}
// No SQL of ours asks for the time: it comes from the caller, as a bound value.
int no_time(sqlite3_vfs*, double*) {
    return SQLITE_ERROR;
}
int no_last_error(sqlite3_vfs*, int, char*) {
    return 0;
}

}  // namespace

SqliteVfs::SqliteVfs(io::Folder& folder) : impl_(std::make_unique<Impl>(folder)) {
    // The address tells the live ones apart without a counter that all would share.
    impl_->name = "spate-" + std::to_string(reinterpret_cast<std::uintptr_t>(impl_.get()));
    auto& vfs = impl_->vfs;
    vfs.iVersion = 1;
    vfs.szOsFile = sizeof(Handle);
    vfs.mxPathname = 512;
    vfs.zName = impl_->name.c_str();
    vfs.pAppData = impl_.get();
    vfs.xOpen = open_file;
    vfs.xDelete = delete_file;
    vfs.xAccess = file_exists;
    vfs.xFullPathname = full_name;
    vfs.xRandomness = no_randomness;
    vfs.xSleep = no_sleep;
    vfs.xCurrentTime = no_time;
    vfs.xGetLastError = no_last_error;
    sqlite3_vfs_register(&vfs, 0);
}

SqliteVfs::~SqliteVfs() {
    sqlite3_vfs_unregister(&impl_->vfs);
}

const std::string& SqliteVfs::name() const {
    return impl_->name;
}

std::optional<Error> SqliteVfs::take_error() {
    return std::exchange(impl_->last_error, std::nullopt);
}

}  // namespace spate::storage
