#include "piece_store/file_opening.h"

#include <algorithm>
#include <utility>

namespace spate::piece_store {
namespace {

using metainfo::Bitfield;
using metainfo::FileIndex;

// A file in work may have changed that much later than its stamp says: we wrote on after the last checkpoint.
constexpr std::int64_t in_work_seconds = 30;

}  // namespace

FileOpening::FileOpening(FileParts& parts, const std::vector<bool>& wanted, Rules rules, Trust trust,
                         const StoredState* state)
    : parts_(parts),
      wanted_(wanted),
      rules_(rules),
      trust_(trust),
      state_(state),
      there_(wanted.size() + 1),
      trusted_(wanted.size() + 1),
      unknown_(wanted.size() + 1),
      all_trusted_(trust != Trust::none),
      found_{.have = Bitfield(parts.names.layout().piece_count()),
             .unchecked = Bitfield(parts.names.layout().piece_count()),
             .stamps = std::vector<FileStamp>(wanted.size() + 1),
             .renamed = parts.names.renamed()} {}

bool FileOpening::fits(FileIndex file, const FileStamp& stamp, const io::MarkedInfo* info) const {
    if (stamp.state == FileStamp::State::absent || info == nullptr) return false;
    if (info->size != stamp.size || info->size != parts_.names.size_of(file)) return false;
    if (stamp.state == FileStamp::State::settled)
        return info->modified.unix_seconds == stamp.modified && info->modified_ns == stamp.modified_ns &&
               (stamp.mark == 0 || stamp.mark == info->mark.change);
    return info->modified.unix_seconds <= stamp.modified + in_work_seconds;
}

Result<void> FileOpening::look_at(FileIndex file) {
    const auto at = file.value;
    const auto* const state = believed();
    const bool is_part = file == parts_.names.part_file();
    const auto size = parts_.names.size_of(file);
    const auto path = parts_.names.path_of(file);
    if (!rules_.read_only && (is_part || wanted_[at]))
        if (auto free = find_obstacle(file); !free) return free;
    io::MarkedInfo info;
    bool there = parts_.folder.find_file(path, info) && (info.size > 0 || size == 0);
    const bool by_size = trust_ == Trust::sizes && !is_part && there && info.size == size;
    const bool trusted = state != nullptr ? fits(file, state->stamps[at], there ? &info : nullptr) : by_size;
    if (state != nullptr && !there && state->stamps[at].state != FileStamp::State::absent)
        found_.gone.push_back(parts_.folder.path() + "/" + path);
    if (there && !trusted) {
        if (auto ours = take_unknown(file, info); !ours) return ours;
        there = parts_.folder.find_file(path, info);
    }

    FilePlaces::Found place{.in_part = !is_part && !there && !wanted_[at], .known = trusted};
    if (there) place.stamp = stamp_of(info, FileStamp::State::settled);
    if (trusted && state != nullptr) {
        place.stamp.state = state->stamps[at].state;
        found_.stamps[at] = state->stamps[at];
    } else {
        place.dirty = there;  // whoever made it need not have synced it
    }
    // Nor its name, nor we.
    if (place.dirty || (there && place.stamp.state != FileStamp::State::settled))
        parts_.folder.note_new_name(path);
    parts_.places.begin(file, place);
    there_[at] = there;
    trusted_[at] = trusted;
    unknown_[at] = there && !trusted;
    const bool needs_no_trust = size == 0 || is_part;
    all_trusted_ &= trusted || (needs_no_trust && !there);
    return {};
}

// Of those blocks, the ones that lie in files that fit their stamps.
UnfinishedPieces FileOpening::still_there(const UnfinishedPieces& claimed) const {
    const auto& layout = parts_.names.layout();
    UnfinishedPieces there;
    for (const auto& [piece, blocks] : claimed) {
        if (found_.have.has(piece) || found_.unchecked.has(piece)) continue;
        auto fit = blocks;
        for (std::uint32_t i = 0; i < fit.size(); ++i) {
            if (!fit[i]) continue;
            const metainfo::BlockIndex block(i);
            const auto slices = layout.slices(layout.piece_offset(piece) + metainfo::block_offset(block),
                                              metainfo::block_length(layout.piece_size(piece), block));
            fit[i] = std::ranges::all_of(slices, [&](const auto& slice) {
                return slice.pad || trusted_[parts_.places.where(slice.file).value];
            });
        }
        if (std::ranges::find(fit, true) != fit.end()) there.emplace(piece, std::move(fit));
    }
    return there;
}

// Where not all files are vouched for: piece by piece.
void FileOpening::find_pieces() {
    const auto& layout = parts_.names.layout();
    for (metainfo::PieceIndex piece; piece.value < layout.piece_count(); ++piece) {
        const bool claimed = trust_ == Trust::sizes || (believed() != nullptr && believed()->have.has(piece));
        bool trusted = true;
        bool all_there = true;
        bool any_unknown = false;
        for (const auto& slice : layout.slices(layout.piece_offset(piece), layout.piece_size(piece))) {
            if (slice.pad) continue;
            // Where its bytes were when the state was written; bring_from_part() takes them from there.
            const auto in_file = slice.file.value;
            const bool was_in_part = parts_.places.in_part(slice.file) ||
                                     (state_ != nullptr && !there_[in_file] && !state_->wanted[in_file]);
            const auto at = was_in_part ? parts_.names.part_file().value : in_file;
            trusted = trusted && trusted_[at];
            all_there = all_there && there_[at];
            any_unknown = any_unknown || unknown_[at];
        }
        if (claimed && trusted)
            found_.have.set(piece);
        else if (all_there && (any_unknown || doubted(piece)))
            found_.unchecked.set(piece);
    }
    if (!rules_.read_only && believed() != nullptr) found_.unfinished = still_there(believed()->unfinished);
}

// Files that are wanted by now. What could not be read by then would be in the way.
Result<void> FileOpening::bring_from_part() {
    if (state_ == nullptr || !there_[parts_.names.part_file().value]) return {};
    auto held = found_.have;
    const auto& unchecked = found_.unchecked;
    for (auto piece = unchecked.next_set({}); piece; piece = unchecked.next_set(piece->next()))
        if (!doubted(*piece)) held.set(*piece);
    for (const auto& [piece, blocks] : found_.unfinished) held.set(piece);
    for (FileIndex file; file < parts_.names.part_file(); ++file) {
        const bool wanted_now = wanted_[file.value] && !state_->wanted[file.value];
        if (!wanted_now || !parts_.names.on_disk(file) || there_[file.value]) continue;
        if (auto copied = parts_.open.copy_from_part(file, held); !copied) return copied;
    }
    return {};
}

Result<FoundFiles> FileOpening::look() {
    for (FileIndex file; file <= parts_.names.part_file(); ++file) {
        if (!parts_.names.on_disk(file)) continue;
        if (auto seen = look_at(file); !seen) return fail(seen.error());
    }
    if (!all_trusted_) {
        find_pieces();
    } else if (trust_ == Trust::sizes) {
        found_.have = Bitfield(parts_.names.layout().piece_count(), true);
    } else if (state_ != nullptr) {
        found_.have = state_->have;
        found_.unfinished = state_->unfinished;
        found_.unchecked = state_->unchecked;
    }
    if (!rules_.read_only && !all_trusted_)
        if (auto brought = bring_from_part(); !brought) return fail(brought.error());
    return std::move(found_);
}

}  // namespace spate::piece_store
