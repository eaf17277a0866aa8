// How a FileSet brings to the disk for good what was written, and what it then knows of each file.
#include <algorithm>
#include <utility>

#include "piece_store/file_set.h"

namespace spate::piece_store {

using metainfo::FileIndex;

// complete: all its pieces are there, so that it must be what lies under its name. synced: it is on the disk.
Result<FileStamp, FileSet::Failure> FileSet::sync_file(FileIndex file, bool complete, bool synced) {
    const auto refuse = [&](Error error, bool gone = false) {
        handles_->drop({id_, file.value});
        return fail(Failure{file, std::move(error), gone});
    };
    const auto handle = this->handle(file, !read_only_);
    if (!handle) {
        const auto gone = spoiled();
        return refuse(handle.error(), std::ranges::find(gone, file) != gone.end());
    }
    auto& open = *(*handle)->file;
    if (!synced) {
        if (auto done = open.sync(); !done) return refuse(done.error());
    }
    const auto info = open.info();
    if (!info) return refuse(info.error());
    const auto by_name = look_at(path_of(file));
    const bool same = by_name && static_cast<const io::FileInfo&>(*by_name) == *info;
    if (complete && !same) return refuse(spoil(file), true);
    return stamp_of({*info, by_name ? by_name->mark : io::FileMark{}}, FileStamp::State::in_work);
}

Result<void> FileSet::sync_names() {
    std::set<std::string> folders;
    {
        const std::lock_guard guard(mutex_);
        folders.swap(new_names_in_);
    }
    for (const auto& folder : folders) {
        auto synced = folder_->sync(folder);
        if (synced || synced.error().is(std::errc::no_such_file_or_directory)) continue;
        const std::lock_guard guard(mutex_);
        new_names_in_.merge(folders);
        return synced;
    }
    return {};
}

bool FileSet::is_complete(FileIndex file, const metainfo::Bitfield& have) const {
    if (file == part_file()) return false;
    const auto pieces = layout().pieces_of(file);
    const auto missing = pieces.empty() ? std::nullopt : have.next_clear(pieces.first);
    return !missing || *missing >= pieces.end;
}

// Files that may hold what is not synced; what is written to them from now on counts for the next time.
std::vector<FileSet::ToSync> FileSet::take_unsynced() {
    std::vector<ToSync> files;
    const std::lock_guard lock(mutex_);
    for (FileIndex file; file <= part_file(); ++file) {
        auto& place = places_[file.value];
        const auto before = place.stamp.state;
        const bool was_dirty = std::exchange(place.dirty, false);
        // It could not even be made.
        if (before == FileStamp::State::in_work && !place.known && !place.spoiled) place.stamp = {};
        if (place.stamp.state != FileStamp::State::in_work && !was_dirty) continue;
        if (place.stamp.state != FileStamp::State::absent) files.push_back({file, before, was_dirty});
    }
    return files;
}

// What was in it is in the files, and on the disk for good. One that cannot be removed stays.
void FileSet::drop_part_file() {
    {
        const std::lock_guard guard(mutex_);
        const auto& place = places_[part_file().value];
        if (read_only_ || place.stamp.state == FileStamp::State::absent || place.writing > 0) return;
        if (std::ranges::any_of(places_, &Place::in_part)) return;
    }
    handles_->drop({id_, part_file().value});
    if (!folder_->remove(part_name_)) return;
    note_new_name(part_name_);
    const std::lock_guard guard(mutex_);
    places_[part_file().value] = {};
}

FileSet::Synced FileSet::sync(const metainfo::Bitfield& have, UnfinishedPieces unfinished, bool settle_all) {
    const std::shared_lock guard(shape_);
    Synced result;
    const auto files = take_unsynced();
    const bool at_once = folder_ && files.size() >= many_files && folder_->sync_all();
    const auto names = folder_ ? sync_names() : Result<void>();
    if (!names) result.names = names.error();
    for (const auto& [file, before, was_dirty] : files) {
        const bool complete = is_complete(file, have);
        auto stamp = sync_file(file, complete, at_once);
        if (!stamp) {
            result.failed.push_back(std::move(stamp.error()));
            continue;
        }
        const std::lock_guard lock(mutex_);
        auto& place = places_[file.value];
        // One that rests for a while, or is done, is settled; until then its stamp moves with our writes.
        const bool rests = settle_all || complete || !was_dirty || before == FileStamp::State::settled;
        if (rests && !place.dirty && place.writing == 0) stamp->state = FileStamp::State::settled;
        place.stamp = *stamp;
        result.settled &= stamp->state == FileStamp::State::settled;
    }
    if (folder_ && result.failed.empty() && !result.names) drop_part_file();
    const std::lock_guard lock(mutex_);
    result.state.have = have;
    result.state.unfinished = std::move(unfinished);
    result.state.wanted = wanted_;
    result.state.renamed = renamed_;
    result.state.renaming = renaming_;
    result.state.moving = moving_;
    for (const auto& place : places_) result.state.stamps.push_back(place.stamp);
    return result;
}

}  // namespace spate::piece_store
