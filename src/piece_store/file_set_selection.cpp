// What a FileSet does to files as a whole: selection, rename, removal. Alone inside the set.
#include <algorithm>
#include <utility>

#include "piece_store/file_set.h"

namespace spate::piece_store {

using metainfo::FileIndex;

Result<void> FileSet::select(const std::vector<bool>& wanted, const metainfo::Bitfield& held) {
    const std::unique_lock guard(shape_);
    if (auto may = writable("select files in"); !may) return may;
    for (FileIndex file; file < part_file(); ++file) {
        if (!parts_.names.on_disk(file)) continue;
        const bool want = wanted.empty() || wanted[file.value];
        if (want && parts_.places.in_part(file)) {
            io::MarkedInfo info;
            if (parts_.find_file(part_file(), info)) {
                if (auto copied = parts_.open.copy_from_part(file, held); !copied) return copied;
            }
            parts_.places.set_in_part(file, false);
        } else if (!want && parts_.places.absent(file)) {
            parts_.places.set_in_part(file, true);
        }
    }
    for (std::size_t i = 0; i < wanted_.size(); ++i) wanted_[i] = wanted.empty() || wanted[i];
    return make_empty_files();
}

Result<void> FileSet::rename_file(FileIndex file, const std::string& path) {
    const std::unique_lock guard(shape_);
    auto renamed = rename_alone(file, path);
    parts_.intended.give_up_rename(file);
    return renamed;
}

Result<void> FileSet::rename_alone(FileIndex file, const std::string& path) {
    if (auto may = writable("rename files in"); !may) return may;
    const auto old = parts_.names.path_of(file);
    if (old == path) return {};
    if (file >= part_file() || !parts_.names.on_disk(file))
        return fail(Error::invalid("rename to", path, "the torrent has no such file on the disk"));
    if (auto good = io::check_path(path); !good) return good;
    if (auto free = check_absent(*parts_.folder, path); !free) return free;
    if (parts_.names.is_taken(path, file))
        return fail(Error::invalid("rename to", path, "another file of the torrent has that name",
                                   std::errc::file_exists));
    io::MarkedInfo info;
    if (parts_.find_file(file, info))
        if (auto renamed = parts_.folder.rename(old, path); !renamed) return renamed;
    parts_.open.drop(file);
    parts_.names.rename(file, path);
    const auto now = parts_.folder->marked_info(path);
    parts_.places.note_renamed(file, now ? now->mark : io::FileMark{});
    parts_.places.note_begun();
    return {};
}

Result<void> FileSet::remove_files() {
    const std::unique_lock guard(shape_);
    if (auto may = writable("remove files in"); !may) return may;
    parts_.open.drop_all();
    Result<void> result;
    for (FileIndex file; file <= part_file(); ++file) {
        io::MarkedInfo info;
        if (!parts_.names.on_disk(file)) continue;
        const bool there = parts_.find_file(file, info);
        if (!there && file == part_file()) continue;  // every piece would be lost with it
        auto removed = there ? parts_.folder->remove(parts_.names.path_of(file)) : Result<void>();
        if (!removed) {
            result = std::move(removed);
            continue;
        }
        // Also one that is not there: a job that was begun before may be about to make it.
        static_cast<void>(parts_.open.spoil(file));
    }
    parts_.remove_empty_folders(*parts_.folder);
    return result;
}

}  // namespace spate::piece_store
