// What a FileSet does to files as a whole: selection, move, rename, removal. Alone inside the set.
#include <algorithm>
#include <cerrno>
#include <utility>

#include "piece_store/file_set.h"

namespace spate::piece_store {
namespace {

using metainfo::FileIndex;

constexpr std::size_t copy_bytes = std::size_t{1} << 20;

std::string parent(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == path.npos ? std::string() : path.substr(0, slash);
}

Result<void> absent(io::Folder& folder, const std::string& path) {
    const auto info = folder.info(path);
    if (info)
        return fail(Error::invalid("move to", folder.path() + "/" + path, "something is there already",
                                   std::errc::file_exists));
    if (info.error().is(std::errc::no_such_file_or_directory)) return {};
    return fail(info.error());
}

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
        auto& place = places_[file.value];
        if (want && place.in_part) {
            io::FileInfo info;
            if (find_file(part_file(), info)) {
                if (auto copied = copy_from_part(file, held); !copied) return copied;
            }
            place.in_part = false;
        } else if (!want && place.stamp.state == FileStamp::State::absent) {
            place.in_part = true;
        }
    }
    {
        const std::lock_guard lock(mutex_);
        for (std::size_t i = 0; i < wanted_.size(); ++i) wanted_[i] = wanted.empty() || wanted[i];
    }
    return make_empty_files();
}

Result<void> FileSet::copy_between(io::Folder& from, io::Folder& to, const std::string& path) {
    auto source = from.open(path, io::OpenMode::read);
    if (!source) return fail(source.error());
    auto target = to.open(path, io::OpenMode::create_new);
    if (!target) return fail(target.error());
    std::vector<std::uint8_t> buffer(copy_bytes);
    const auto size = (*source)->size();
    if (!size) return fail(size.error());
    if (auto sized = (*target)->resize(*size); !sized) return sized;
    for (std::uint64_t at = 0; at < *size;) {
        const auto count = (*source)->read_at(at, buffer);
        if (!count) return fail(count.error());
        if (*count == 0) break;
        const auto part = Bytes(buffer).first(*count);
        // Holes stay holes.
        if (std::ranges::any_of(part, [](std::uint8_t octet) { return octet != 0; })) {
            if (auto put = (*target)->write_at(at, part); !put) return put;
        }
        at += *count;
    }
    return (*target)->sync();
}

// A rename needs one folder that both are below; links on the way make it fail.
bool FileSet::rename_across(io::Folder& from, io::Folder& to, const std::string& path) {
    const auto from_path = from.path() + "/" + path;
    const auto to_path = to.path() + "/" + path;
    if (!from_path.starts_with('/') || !to_path.starts_with('/')) return false;
    const auto root = files_.open_folder("/", io::IfMissing::fail);
    return root && (*root)->rename(from_path.substr(1), to_path.substr(1));
}

// By rename, or else as a copy, whose original stays for now.
Result<FileSet::Moved> FileSet::move_one(io::Folder& to, FileIndex file) {
    const auto path = path_of(file);
    if (const auto above = parent(path); !above.empty()) {
        if (auto made = to.make_folder(above); !made) return fail(made.error());
    }
    if (rename_across(*folder_, to, path)) return Moved{file, false};
    if (auto copied = copy_between(*folder_, to, path); !copied) {
        static_cast<void>(to.remove(path));
        return fail(copied.error());
    }
    return Moved{file, true};
}

Result<std::vector<FileSet::Moved>> FileSet::move_all(io::Folder& to) {
    std::vector<FileIndex> moving;
    for (FileIndex file; file <= part_file(); ++file) {
        io::FileInfo info;
        if (!on_disk(file) || !find_file(file, info)) continue;
        if (auto free = absent(to, path_of(file)); !free) return fail(free.error());
        moving.push_back(file);
    }
    std::vector<Moved> moved;
    const auto go = [&]() -> Result<void> {
        for (const auto file : moving) {
            auto one = move_one(to, file);
            if (!one) return fail(one.error());
            moved.push_back(*one);
        }
        // A copy is there for good before its original goes.
        for (const auto& one : moved) {
            for (auto above = parent(path_of(one.file));; above = parent(above)) {
                if (auto synced = to.sync(above); !synced) return synced;
                if (above.empty()) break;
            }
        }
        return {};
    };
    if (auto gone = go(); !gone) {
        auto error = gone.error();
        for (const auto& one : moved) {
            const auto path = path_of(one.file);
            if (one.copied)
                static_cast<void>(to.remove(path));
            else if (!rename_across(to, *folder_, path))
                error = Error::invalid("move back", to.path() + "/" + path,
                                       "it stays there, after: " + error.message(), std::errc::io_error);
        }
        return fail(std::move(error));
    }
    return moved;
}

// All or nothing: what was moved before an error is moved back.
Result<void> FileSet::move_to(const std::string& folder) {
    const std::unique_lock guard(shape_);
    if (read_only_ || !folder_) return fail(Error::system(EROFS, "move files from", folder_path_));
    if (folder == folder_path_) return {};
    auto to = files_.open_folder(folder, io::IfMissing::make);
    if (!to) return fail(to.error());
    handles_->drop_set(id_);
    const auto moved = move_all(**to);
    if (!moved) return fail(moved.error());
    // One that cannot be removed stays, as a copy.
    for (const auto& one : *moved)
        if (one.copied) static_cast<void>(folder_->remove(path_of(one.file)));
    remove_empty_folders(*folder_);
    folder_ = std::move(*to);
    folder_path_ = folder;
    for (const auto& one : *moved) {
        // A copy has a time of its own.
        io::FileInfo info;
        auto& stamp = places_[one.file.value].stamp;
        if (find_file(one.file, info) && stamp.state == FileStamp::State::settled)
            stamp = {stamp.state, info.size, info.modified.unix_seconds, info.modified_ns};
    }
    begun_ = true;
    return {};
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
    io::FileInfo info;
    if (find_file(file, info)) {
        if (const auto above = parent(path); !above.empty()) {
            if (auto made = folder_->make_folder(above); !made) return made;
        }
        if (auto renamed = folder_->rename(old, path); !renamed) return renamed;
        note_new_name(old);
        note_new_name(path);
    }
    handles_->drop({id_, file.value});
    renamed_[file] = path;
    begun_ = true;
    return {};
}

Result<void> FileSet::remove_files() {
    const std::unique_lock guard(shape_);
    if (read_only_ || !folder_) return fail(Error::system(EROFS, "remove files in", folder_path_));
    handles_->drop_set(id_);
    Result<void> result;
    for (FileIndex file; file <= part_file(); ++file) {
        io::FileInfo info;
        if (!on_disk(file) || !find_file(file, info)) continue;
        if (auto removed = folder_->remove(path_of(file)); !removed && result) result = removed;
        places_[file.value] = {};
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
