// What a FileSet does to files as a whole: selection, rename, removal. Alone inside the set.
#include <algorithm>
#include <cerrno>
#include <functional>
#include <utility>

#include "piece_store/file_set.h"

namespace spate::piece_store {
namespace {

using metainfo::FileIndex;

constexpr std::size_t copy_bytes = std::size_t{1} << 20;

}  // namespace

// The bytes of `file` that lie in the part file, of those pieces.
Result<void> FileSet::copy_from_part(FileIndex file, const metainfo::Bitfield& held) {
    const auto& entry = layout().file(file);
    const auto pieces = layout().pieces_of(file);
    std::vector<std::uint8_t> buffer(copy_bytes);
    for (auto piece = held.next_set(pieces.first); piece && *piece < pieces.end;
         piece = held.next_set(piece->next())) {
        const auto piece_start = layout().piece_offset(*piece);
        const auto end = std::min(piece_start + layout().piece_size(*piece), entry.offset + entry.size);
        for (auto at = std::max(piece_start, entry.offset); at < end; at += buffer.size()) {
            const auto part = MutableBytes(buffer).first(
                static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), end - at)));
            if (auto got = read_target({part_file(), at, part.size(), 0}, part); !got) return got;
            if (auto put = write_target({file, at - entry.offset, part.size(), 0}, part); !put) return put;
        }
    }
    return {};
}

Result<void> FileSet::select(const std::vector<bool>& wanted, const metainfo::Bitfield& held) {
    const std::unique_lock guard(shape_);
    if (read_only_ || !folder_) return fail(Error::system(EROFS, "select files in", folder_path_));
    for (FileIndex file; file < part_file(); ++file) {
        if (!on_disk(file)) continue;
        const bool want = wanted.empty() || wanted[file.value];
        if (want && places_.in_part(file)) {
            io::MarkedInfo info;
            if (find_file(part_file(), info)) {
                if (auto copied = copy_from_part(file, held); !copied) return copied;
            }
            places_.set_in_part(file, false);
        } else if (!want && places_.absent(file)) {
            places_.set_in_part(file, true);
        }
    }
    for (std::size_t i = 0; i < wanted_.size(); ++i) wanted_[i] = wanted.empty() || wanted[i];
    return make_empty_files();
}

void FileSet::intend_rename(FileIndex file, const std::string& path) {
    const std::lock_guard guard(mutex_);
    renaming_[file] = path;
}

void FileSet::give_up_rename(FileIndex file) {
    const std::lock_guard guard(mutex_);
    renaming_.erase(file);
}

Result<void> FileSet::rename_file(FileIndex file, const std::string& path) {
    const std::unique_lock guard(shape_);
    auto renamed = rename_alone(file, path);
    give_up_rename(file);
    return renamed;
}

Result<void> FileSet::rename_alone(FileIndex file, const std::string& path) {
    if (read_only_ || !folder_) return fail(Error::system(EROFS, "rename files in", folder_path_));
    const auto old = path_of(file);
    if (old == path) return {};
    if (file >= part_file() || !on_disk(file))
        return fail(Error::invalid("rename to", path, "the torrent has no such file on the disk"));
    if (auto good = io::check_path(path); !good) return good;
    if (auto free = absent(*folder_, path); !free) return free;
    for (FileIndex other; other <= part_file(); ++other) {
        if (other == file || !on_disk(other)) continue;
        const auto taken = path_of(other);
        if (taken == path || taken.starts_with(path + "/") || path.starts_with(taken + "/"))
            return fail(Error::invalid("rename to", path, "another file of the torrent has that name",
                                       std::errc::file_exists));
    }
    io::MarkedInfo info;
    if (find_file(file, info)) {
        if (const auto above = parent(path); !above.empty()) {
            if (auto made = folder_->make_folder(above); !made) return made;
        }
        if (auto renamed = folder_->rename(old, path); !renamed) return renamed;
        note_new_name(old);
        note_new_name(path);
    }
    handles_->drop(key_of(file));
    renamed_[file] = path;
    places_.note_renamed(file, mark_of(file));
    places_.note_begun();
    return {};
}

Result<void> FileSet::remove_files() {
    const std::unique_lock guard(shape_);
    if (read_only_ || !folder_) return fail(Error::system(EROFS, "remove files in", folder_path_));
    handles_->drop_set(id_);
    Result<void> result;
    for (FileIndex file; file <= part_file(); ++file) {
        io::MarkedInfo info;
        if (!on_disk(file)) continue;
        const bool there = find_file(file, info);
        if (!there && file == part_file()) continue;  // every piece would be lost with it
        auto removed = there ? folder_->remove(path_of(file)) : Result<void>();
        if (!removed) {
            result = std::move(removed);
            continue;
        }
        // Also one that is not there: a job that was begun before may be about to make it.
        static_cast<void>(spoil(file));
    }
    remove_empty_folders(*folder_);
    return result;
}

// Those that the torrent's paths name; a folder with anything in it stays.
void FileSet::remove_empty_folders(io::Folder& folder) {
    std::set<std::string, std::greater<>> above;  // the deepest of each branch first
    for (FileIndex file; file < part_file(); ++file) {
        if (!on_disk(file)) continue;
        for (auto path = parent(path_of(file)); !path.empty(); path = parent(path))
            if (!above.insert(path).second) break;
    }
    for (const auto& path : above) static_cast<void>(folder.remove(path));
}

}  // namespace spate::piece_store
