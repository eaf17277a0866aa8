// How a FileSet brings to the disk for good what was written, and what it then knows of each file.
#include <algorithm>
#include <utility>

#include "piece_store/file_set.h"

namespace spate::piece_store {

using metainfo::FileIndex;

// complete: all its pieces are there, so that it must be what lies under its name. synced: it is on the disk.
Result<FileStamp, FileSet::Failure> FileSet::sync_file(const FilePlaces::ToSync& to_sync, bool complete,
                                                       bool synced) {
    const auto file = to_sync.file;
    const auto refuse = [&](Error error) {
        parts_.open.drop(file, to_sync.life);
        return fail(Failure{file, std::move(error), !parts_.places.known(file, to_sync.life)});
    };
    const auto handle = parts_.open.get(file, to_sync.life, !read_only_);
    if (!handle) return refuse(handle.error());
    auto& open = *(*handle)->file;
    if (!synced) {
        if (auto done = open.sync(); !done) return refuse(done.error());
    }
    const auto info = open.info();
    if (!info) return refuse(info.error());
    const auto by_name = parts_.folder->marked_info(parts_.names.path_of(file));
    const bool same = by_name && static_cast<const io::FileInfo&>(*by_name) == *info;
    if (complete && !same) return refuse(parts_.open.spoil(file));
    return stamp_of({*info, by_name ? by_name->mark : io::FileMark{}}, FileStamp::State::in_work);
}

bool FileSet::is_complete(FileIndex file, const metainfo::Bitfield& have) const {
    if (file == part_file()) return false;
    const auto pieces = layout().pieces_of(file);
    const auto missing = pieces.empty() ? std::nullopt : have.next_clear(pieces.first);
    return !missing || *missing >= pieces.end;
}

// What was in it is in the files, and on the disk for good. One that cannot be removed stays.
void FileSet::drop_part_file() {
    if (read_only_ || !parts_.places.part_file_is_idle()) return;
    parts_.open.drop(part_file());
    const auto path = parts_.names.path_of(part_file());
    if (!parts_.folder->remove(path)) return;
    parts_.folder.note_new_name(path);
    parts_.places.begin(part_file(), {});
}

FileSet::Synced FileSet::sync(StoredState pieces, bool settle_all) {
    const std::shared_lock guard(shape_);
    Synced result{std::move(pieces), {}, {}};
    const auto files = parts_.places.take_unsynced();
    const bool opened = parts_.folder.is_open();
    const bool at_once = opened && files.size() >= many_files && parts_.folder->sync_all();
    const auto names = opened ? parts_.folder.sync_names() : Result<void>();
    if (!names) result.names = names.error();
    for (const auto& file : files) {
        const bool complete = is_complete(file.file, result.state.have);
        auto stamp = sync_file(file, complete, at_once);
        if (!stamp) {
            result.failed.push_back(std::move(stamp.error()));
            continue;
        }
        // One that rests for a while, or is done, is settled; until then its stamp moves with our writes.
        const bool rests =
            settle_all || complete || !file.was_dirty || file.before == FileStamp::State::settled;
        result.settled &= parts_.places.note_synced(file, *stamp, rests);
    }
    if (opened && result.failed.empty() && !result.names) drop_part_file();
    result.state.stamps = parts_.places.stamps();
    result.state.wanted = wanted_;
    result.state.renamed = parts_.names.renamed();
    parts_.intended.put_into(result.state);
    return result;
}

}  // namespace spate::piece_store
