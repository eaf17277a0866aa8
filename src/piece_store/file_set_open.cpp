// What a FileSet finds on the disk when it is opened, and how much of it is vouched for.
#include <algorithm>
#include <functional>
#include <utility>

#include "piece_store/file_set.h"

namespace spate::piece_store {
namespace {

using metainfo::Bitfield;
using metainfo::FileIndex;
using metainfo::FileLayout;

// A file in work may have changed that much later than its stamp says: we wrote on after the last checkpoint.
constexpr std::int64_t in_work_seconds = 30;

}  // namespace

Result<io::MarkedInfo> FileSet::look_at(const std::string& path) const {
    return folder_->marked_info(path);
}

io::FileMark FileSet::mark_of(FileIndex file) const {
    const auto info = look_at(path_of(file));
    return info ? info->mark : io::FileMark{};
}

bool FileSet::find_file(FileIndex file, io::MarkedInfo& info) const {
    const auto found = look_at(path_of(file));
    if (!found || found->kind != io::FileKind::file) return false;
    info = *found;
    return true;
}

bool FileSet::fits(FileIndex file, const FileStamp& stamp, const io::MarkedInfo* info) const {
    if (stamp.state == FileStamp::State::absent || info == nullptr) return false;
    if (info->size != stamp.size || info->size != size_of(file)) return false;
    if (stamp.state == FileStamp::State::settled)
        return info->modified.unix_seconds == stamp.modified && info->modified_ns == stamp.modified_ns &&
               (stamp.mark == 0 || stamp.mark == info->mark.change);
    return info->modified.unix_seconds <= stamp.modified + in_work_seconds;
}

// One that was to be renamed when the process ended is where it is.
void FileSet::take_names(const StoredState& state) {
    renamed_ = state.renamed;
    for (const auto& [file, path] : state.renaming) {
        io::MarkedInfo info;
        if (find_file(file, info)) continue;
        const auto found = folder_->info(path);
        if (found && found->kind == io::FileKind::file) renamed_[file] = path;
    }
}

Result<void> FileSet::make_empty_files() {
    for (FileIndex file; file < part_file(); ++file) {
        if (!on_disk(file) || size_of(file) > 0 || !wanted_[file.value]) continue;
        io::MarkedInfo info;
        if (find_file(file, info)) continue;
        if (auto made = make_file(path_of(file)); !made) return fail(made.error());
    }
    return {};
}

// Of those blocks, the ones that lie in files that fit their stamps.
UnfinishedPieces FileSet::still_there(const UnfinishedPieces& claimed, const Found& found,
                                      const std::vector<bool>& trusted) const {
    UnfinishedPieces there;
    for (const auto& [piece, blocks] : claimed) {
        if (found.have.has(piece) || found.unchecked.has(piece)) continue;
        auto fit = blocks;
        for (std::uint32_t i = 0; i < fit.size(); ++i) {
            if (!fit[i]) continue;
            const metainfo::BlockIndex block(i);
            const auto slices = layout().slices(layout().piece_offset(piece) + metainfo::block_offset(block),
                                                metainfo::block_length(layout().piece_size(piece), block));
            fit[i] = std::ranges::all_of(
                slices, [&](const auto& slice) { return slice.pad || trusted[where(slice.file).value]; });
        }
        if (std::ranges::find(fit, true) != fit.end()) there.emplace(piece, std::move(fit));
    }
    return there;
}

void FileSet::look_again() {
    const std::unique_lock guard(shape_);
    if (!folder_) return;
    for (const auto file : places_.changed()) {
        handles_->drop(key_of(file));
        io::MarkedInfo info;
        const bool there = find_file(file, info);
        // Whoever changed it need not have synced it.
        places_.look_again(file, there ? stamp_of(info, FileStamp::State::settled) : FileStamp{},
                           !read_only_);
    }
}

// What an opening finds; by FileIndex, the part file last.
struct FileSet::Opening {
    Opening(const FileLayout& layout, Trust t, const StoredState* s)
        : trust(t),
          state(s),
          there(layout.files().size() + 1),
          trusted(layout.files().size() + 1),
          unknown(layout.files().size() + 1),
          all_trusted(t != Trust::none),
          found{.have = Bitfield(layout.piece_count()),
                .unchecked = Bitfield(layout.piece_count()),
                .stamps = std::vector<FileStamp>(layout.files().size() + 1)} {}
    const StoredState* believed() const { return trust == Trust::resume ? state : nullptr; }

    const Trust trust;
    const StoredState* const state;  // of an earlier run
    std::vector<bool> there;         // at all
    std::vector<bool> trusted;       // vouched for
    std::vector<bool> unknown;       // there, and nobody vouches for it
    bool all_trusted;                // that are not empty, and none is unknown
    Found found;
};

Result<void> FileSet::look_at_file(Opening& opening, FileIndex file) {
    const auto at = file.value;
    const auto* const state = opening.believed();
    if (!read_only_ && (file == part_file() || wanted_[at]))
        if (auto free = find_obstacle(file); !free) return free;
    io::MarkedInfo info;
    bool there = find_file(file, info) && (info.size > 0 || size_of(file) == 0);
    const bool by_size =
        opening.trust == Trust::sizes && file != part_file() && there && info.size == size_of(file);
    const bool trusted = state != nullptr ? fits(file, state->stamps[at], there ? &info : nullptr) : by_size;
    if (state != nullptr && !there && state->stamps[at].state != FileStamp::State::absent)
        opening.found.gone.push_back(folder_path_ + "/" + path_of(file));
    if (there && !trusted) {
        if (auto ours = take_unknown(opening, file, info); !ours) return ours;
        there = find_file(file, info);
    }

    FilePlaces::Found place{.in_part = file != part_file() && !there && !wanted_[at], .known = trusted};
    if (there) place.stamp = stamp_of(info, FileStamp::State::settled);
    if (trusted && state != nullptr) {
        place.stamp.state = state->stamps[at].state;
        opening.found.stamps[at] = state->stamps[at];
    } else {
        place.dirty = there;  // whoever made it need not have synced it
    }
    // Nor its name, nor we.
    if (place.dirty || (there && place.stamp.state != FileStamp::State::settled))
        note_new_name(path_of(file));
    places_.begin(file, place);
    opening.there[at] = there;
    opening.trusted[at] = trusted;
    opening.unknown[at] = there && !trusted;
    const bool needs_no_trust = size_of(file) == 0 || file == part_file();
    opening.all_trusted &= trusted || (needs_no_trust && !there);
    return {};
}

// A state of before means that we were here: a file that it does not know was begun after it.
Result<void> FileSet::take_unknown(Opening& opening, FileIndex file, const io::MarkedInfo& info) {
    const auto* const state = opening.believed();
    if (state == nullptr)
        if (auto free = find_unknown(file, info.size, opening.found); !free) return free;
    if (read_only_) return {};
    if ((overwrite_ || state != nullptr) && info.mark.has_other_names)
        if (auto own = make_own(file); !own) return own;
    const bool was_ours = state != nullptr && state->stamps[file.value].state != FileStamp::State::settled;
    return was_ours ? write_once_more(file) : Result<void>();
}

// Where not all files are vouched for: piece by piece.
void FileSet::find_pieces(Opening& opening) const {
    const auto* const state = opening.state;
    const auto* const believed = opening.believed();
    auto& found = opening.found;
    for (metainfo::PieceIndex piece; piece.value < layout().piece_count(); ++piece) {
        bool have = opening.trust == Trust::sizes || (believed != nullptr && believed->have.has(piece));
        bool all_there = true;
        bool any_unknown = false;
        for (const auto& slice : layout().slices(layout().piece_offset(piece), layout().piece_size(piece))) {
            if (slice.pad) continue;
            // Where its bytes were when the state was written; bring_from_part() takes them from there.
            const auto in_file = slice.file.value;
            const bool was_in_part = places_.in_part(slice.file) ||
                                     (state != nullptr && !opening.there[in_file] && !state->wanted[in_file]);
            const auto at = was_in_part ? part_file().value : in_file;
            have = have && opening.trusted[at];
            all_there = all_there && opening.there[at];
            any_unknown = any_unknown || opening.unknown[at];
        }
        if (have) found.have.set(piece);
        if (!have && all_there && any_unknown) found.unchecked.set(piece);
    }
    if (!read_only_ && believed != nullptr)
        found.unfinished = still_there(believed->unfinished, found, opening.trusted);
}

// Files that are wanted by now.
Result<void> FileSet::bring_from_part(const Opening& opening) {
    if (opening.state == nullptr || !opening.there[part_file().value]) return {};
    auto held = opening.found.have;
    const auto& unchecked = opening.found.unchecked;
    for (auto piece = unchecked.next_set({}); piece; piece = unchecked.next_set(piece->next()))
        held.set(*piece);
    for (const auto& [piece, blocks] : opening.found.unfinished) held.set(piece);
    for (FileIndex file; file < part_file(); ++file) {
        const bool wanted_now = wanted_[file.value] && !opening.state->wanted[file.value];
        if (!wanted_now || !on_disk(file) || opening.there[file.value]) continue;
        if (auto copied = copy_from_part(file, held); !copied) return copied;
    }
    return {};
}

Result<FileSet::Found> FileSet::open(Trust trust, const std::optional<StoredState>& state) {
    const std::unique_lock guard(shape_);
    auto folder = files_.open_folder(folder_path_, read_only_ ? io::IfMissing::fail : io::IfMissing::make);
    if (!folder) return fail(folder.error());
    folder_ = std::move(*folder);
    if (state) {
        take_names(*state);
        if (auto undone = undo_move(*state); !undone) return fail(undone.error());
    }

    Opening opening(layout(), trust, state ? &*state : nullptr);
    auto& found = opening.found;
    found.renamed = renamed_;
    for (FileIndex file; file <= part_file(); ++file) {
        if (!on_disk(file)) continue;
        if (auto seen = look_at_file(opening, file); !seen) return fail(seen.error());
    }
    if (!opening.all_trusted) {
        find_pieces(opening);
    } else if (trust == Trust::sizes) {
        found.have = Bitfield(layout().piece_count(), true);
    } else if (state) {
        found.have = state->have;
        found.unfinished = state->unfinished;
    }
    if (read_only_) return std::move(found);
    if (!opening.all_trusted)
        if (auto brought = bring_from_part(opening); !brought) return fail(brought.error());
    if (auto made = make_empty_files(); !made) return fail(made.error());
    return std::move(found);
}

}  // namespace spate::piece_store
