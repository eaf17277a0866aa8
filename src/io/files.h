// Files, Folder and File: the disk. Calls block: they belong in a WorkPool job (or a program's start), never
// on a network thread; read_cached() alone does not, nor does info() of a file of which that just gave bytes.
// Paths are relative to a held folder handle, made of clean components with '/' between: no empty one, no "."
// or "..", no NUL; anything else is refused with EINVAL before the disk is touched. No symbolic link is ever
// followed below the folder (ELOOP); a link itself is FileKind::other to info() and list(), and rename() and
// remove() act on the link. Errors name operation and path. Thread: any, several at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace spate::io {

enum class OpenMode {
    read,           // must exist
    write,          // must exist; read and write
    create,         // made if missing; read and write
    create_new,     // EEXIST if there; read and write
    create_empty,   // made or emptied; read and write
    create_secret,  // EEXIST if there; read and write, and nobody but its user ever may (0600)
};

enum class FileKind { file, folder, other };

struct FileInfo {
    FileKind kind = FileKind::file;
    std::uint64_t size = 0;
    WallTime modified;              // last change of the content
    std::uint32_t modified_ns = 0;  // of that second: as fine as the disk keeps it
    // The same bytes, as far as can be told without reading them.
    bool operator==(const FileInfo&) const = default;
};

// What some disks know of a file beyond that.
struct FileMark {
    // Another one after every change, also one that sets the time back, and after changes of the file's name
    // or rights. 0: unknown.
    std::uint64_t change = 0;
    bool has_other_names = false;  // further hard links
    bool operator==(const FileMark&) const = default;
};

struct MarkedInfo : FileInfo {
    FileMark mark;  // of a file
};

struct FolderItem {
    std::string name;
    FileKind kind = FileKind::file;
};

class File {
  public:
    virtual ~File() = default;
    // Fills `into` from `offset`; fewer bytes only at the end of the file.
    virtual Result<std::size_t> read_at(std::uint64_t offset, MutableBytes into) = 0;
    // Fills `into` from `offset` if memory holds all of it already; else false, also where the system cannot
    // tell. Waits for no disk. Unless overridden: false.
    virtual bool read_cached(std::uint64_t offset, MutableBytes into);
    // Those bytes will be read soon: a system that reads ahead may ask the disk for them. Does not wait until
    // they are there, but may wait until the disk takes the question. Unless overridden: nothing.
    virtual void will_need(std::uint64_t offset, std::uint64_t size);
    // All of it or an error; after an error any part may have been written.
    virtual Result<void> write_at(std::uint64_t offset, Bytes data) = 0;
    virtual Result<std::uint64_t> size() = 0;
    // As Folder::info() says it of the path that was opened, wherever that file is now.
    virtual Result<FileInfo> info() = 0;
    virtual Result<void> resize(std::uint64_t size) = 0;
    // At least `size` bytes long, and where the system can, with the disk's room for them taken: ENOSPC now
    // rather than later. Unless overridden: resize() of a shorter file.
    virtual Result<void> reserve(std::uint64_t size);
    // Data and size reach the disk before this returns. After an error the unsynced pages count as lost.
    virtual Result<void> sync() = 0;
};

// Held for its life; gone with the process that holds it.
class FolderLock {
  public:
    virtual ~FolderLock() = default;
};

class Folder {
  public:
    virtual ~Folder() = default;
    // A regular file only: EISDIR for a folder, EINVAL for a pipe or a device (without waiting for one).
    virtual Result<std::unique_ptr<File>> open(std::string_view path, OpenMode mode) = 0;
    virtual Result<std::unique_ptr<Folder>> open_folder(std::string_view path) = 0;
    // With every folder above it; one that is there already is fine.
    virtual Result<void> make_folder(std::string_view path) = 0;
    virtual Result<FileInfo> info(std::string_view path) = 0;
    // Info and mark from one look. Unless overridden: info() and no mark.
    virtual Result<MarkedInfo> marked_info(std::string_view path);
    // Sorted by name. Names as the disk has them: may hold any byte but '/' and NUL.
    virtual Result<std::vector<FolderItem>> list(std::string_view path_or_empty) = 0;
    // Atomic; replaces a file of the new name.
    virtual Result<void> rename(std::string_view from, std::string_view to) = 0;
    // A file, or an empty folder.
    virtual Result<void> remove(std::string_view path) = 0;
    // A new symbolic link (EEXIST) that says `target`: whatever that is, nothing here ever follows it. Unless
    // overridden, as on a disk that has none (and read_link, make_executable): EOPNOTSUPP.
    virtual Result<void> make_link(std::string_view path, std::string_view target);
    // What a link says; EINVAL for anything else.
    virtual Result<std::string> read_link(std::string_view path);
    // Whoever may read the file may run it.
    virtual Result<void> make_executable(std::string_view path);
    // Names made, renamed and removed directly in `path_or_empty` reach the disk.
    virtual Result<void> sync(std::string_view path_or_empty) = 0;
    // Whatever was written below this folder, names too, reaches the disk: cheaper than to sync hundreds of
    // files, but the disk's other work is waited for as well. Unless overridden: EOPNOTSUPP.
    virtual Result<void> sync_all();
    // One holder at a time, in this process or another: EBUSY when it is held. Makes the lock file `name`.
    virtual Result<std::unique_ptr<FolderLock>> lock(std::string_view name) = 0;
    // Folders of which this is equal wait for one disk. Unless overridden, and where it cannot be told: 0.
    virtual std::uint64_t disk() const { return 0; }
    virtual std::string path() const = 0;  // for messages only
};

enum class IfMissing { fail, make };

class Files {
  public:
    virtual ~Files() = default;
    // Any path of the system, links in it followed: the user named it. The handle stays on that folder if it
    // is renamed. A folder made here, and each above it, has its name on the disk when this returns; the
    // folder it was made in must be readable.
    virtual Result<std::unique_ptr<Folder>> open_folder(const std::string& path, IfMissing if_missing) = 0;
};

// The path rule above; the reason it is refused, or nothing.
Result<void> check_path(std::string_view path);

}  // namespace spate::io
