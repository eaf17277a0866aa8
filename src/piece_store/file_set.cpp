#include "piece_store/file_set.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace spate::piece_store {

using metainfo::FileIndex;

FileSet::FileSet(io::Files& files, std::shared_ptr<FileHandles> handles, const StoreOptions& options)
    : read_only_(options.read_only),
      overwrite_(options.overwrite),
      parts_(files, std::move(handles), options),
      move_(files, parts_),
      wanted_(options.wanted) {
    wanted_.resize(layout().files().size(), true);
}

Result<void> FileSet::writable(const char* operation) const {
    if (!read_only_ && parts_.folder.is_open()) return {};
    return fail(Error::system(EROFS, operation, parts_.folder.path()));
}

// --- as it is opened

// One that was to be renamed when the process ended is where it is.
void FileSet::take_names(const StoredState& state) {
    parts_.names.set_renamed(state.renamed);
    for (const auto& [file, path] : state.renaming) {
        io::MarkedInfo info;
        if (parts_.find_file(file, info)) continue;
        const auto found = parts_.folder->info(path);
        if (found && found->kind == io::FileKind::file) parts_.names.rename(file, path);
    }
}

Result<FoundFiles> FileSet::open(Trust trust, const std::optional<StoredState>& state) {
    const std::unique_lock guard(shape_);
    if (auto opened = parts_.folder.open(read_only_ ? io::IfMissing::fail : io::IfMissing::make); !opened)
        return fail(opened.error());
    if (state) {
        take_names(*state);
        auto undone = read_only_ ? Result<void>() : move_.undo(*state);
        if (!undone) return fail(undone.error());
    }
    FileOpening opening(parts_, wanted_, {read_only_, overwrite_}, trust, state ? &*state : nullptr);
    auto found = opening.look();
    if (!found || read_only_) return found;
    if (auto made = make_empty_files(); !made) return fail(made.error());
    return found;
}

Result<void> FileSet::make_empty_files() {
    for (FileIndex file; file < part_file(); ++file) {
        if (!parts_.names.on_disk(file) || parts_.names.size_of(file) > 0 || !wanted_[file.value]) continue;
        io::MarkedInfo info;
        if (parts_.find_file(file, info)) continue;
        if (auto made = parts_.folder.make_file(parts_.names.path_of(file)); !made) return fail(made.error());
    }
    return {};
}

// --- what was lost, or changed by others

// With the part file every piece is lost.
bool FileSet::lost_since(metainfo::PieceIndex piece, FilePlaces::Life losses) const {
    const auto& places = parts_.places;
    if (places.losses() <= losses) return false;
    if (places.life(part_file()) > losses) return true;
    const auto slices = layout().slices(layout().piece_offset(piece), layout().piece_size(piece));
    return std::ranges::any_of(
        slices, [&](const auto& slice) { return !slice.pad && places.life(slice.file) > losses; });
}

void FileSet::look_again() {
    const std::unique_lock guard(shape_);
    if (!parts_.folder.is_open()) return;
    for (const auto file : parts_.places.changed()) {
        parts_.open.drop(file);
        io::MarkedInfo info;
        const bool there = parts_.find_file(file, info);
        // Whoever changed it need not have synced it.
        parts_.places.look_again(file, there ? stamp_of(info, FileStamp::State::settled) : FileStamp{},
                                 !read_only_);
    }
}

// --- to another folder

Result<void> FileSet::move_to(const std::string& folder) {
    const std::unique_lock guard(shape_);
    if (auto may = writable("move files from"); !may) return may;
    return move_.go_to(folder);
}

void FileSet::end_move() {
    const std::unique_lock guard(shape_);
    move_.end();
}

FileMove::BroughtBack FileSet::move_back() {
    const std::unique_lock guard(shape_);
    return move_.bring_back();
}

}  // namespace spate::piece_store
