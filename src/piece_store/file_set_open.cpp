// What a FileSet finds on the disk when it is opened, and how much of it is vouched for.
#include <algorithm>
#include <functional>
#include <utility>

#include "piece_store/file_set.h"

namespace spate::piece_store {
namespace {

using metainfo::FileIndex;

// A file in work may have changed that much later than its stamp says: we wrote on after the last checkpoint.
constexpr std::int64_t in_work_seconds = 30;

}  // namespace

Result<io::MarkedInfo> FileSet::look_at(const std::string& path) const {
    if (auto* const marks = dynamic_cast<io::FileMarks*>(folder_.get())) return marks->marked_info(path);
    auto info = folder_->info(path);
    if (!info) return fail(std::move(info.error()));
    return io::MarkedInfo{*info, {}};
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

// What a process before us wrote and could not sync, the kernel may show without having it on the disk, and
// no sync of ours would bring it there. So a file that we left in that way is written once more, as it is
// read.
Result<void> FileSet::write_once_more(FileIndex file) {
    constexpr std::size_t at_a_time = std::size_t{1} << 20;
    std::vector<std::uint8_t> buffer(at_a_time);
    const auto handle = this->handle(file, true);
    if (!handle) return fail(handle.error());
    for (std::uint64_t at = 0;; at += at_a_time) {
        const auto count = (*handle)->file->read_at(at, buffer);
        if (!count) return fail(count.error());
        if (*count == 0) return {};
        const auto part = Bytes(buffer).first(*count);
        if (std::ranges::all_of(part, [](std::uint8_t octet) { return octet == 0; })) continue;  // or a hole
        if (auto put = (*handle)->file->write_at(at, part); !put) return put;
    }
}

Error FileSet::taken(const std::string& path) {
    return Error::invalid("write to", path, "it is there already and is not this torrent's",
                          std::errc::file_exists);
}

// What is no file is neither followed nor replaced: waiting would not make it one.
Result<void> FileSet::find_obstacle(FileIndex file) const {
    const auto path = path_of(file);
    const auto found = folder_->info(path);
    const auto refuse = [&](const char* what, std::errc kind) {
        return fail(Error::invalid("write to", folder_path_ + "/" + path, what, kind));
    };
    if (found && found->kind == io::FileKind::folder)
        return refuse("a folder of that name is there", std::errc::is_a_directory);
    constexpr auto link = std::errc::too_many_symbolic_link_levels;
    if (found && found->kind == io::FileKind::other)
        return refuse("a link or something else that is no file is there, and is not followed", link);
    if (!found && found.error().is(link))
        return refuse("a link is on the way there, and is not followed", link);
    if (!found && found.error().is(std::errc::not_a_directory))
        return refuse("a file is on the way there", std::errc::not_a_directory);
    return {};
}

// One that is longer than the torrent's cannot be a beginning of it.
Result<void> FileSet::find_unknown(FileIndex file, std::uint64_t size, Found& found) const {
    if (read_only_ || overwrite_ || file == part_file()) return {};
    if (size > size_of(file)) return fail(taken(folder_path_ + "/" + path_of(file)));
    if (size_of(file) > 0) found.unknown.push_back(file);  // an empty one is as it must be
    return {};
}

// One that has another name, and is not as we left it, is not ours to write into: what is there under that
// name stays, and a copy takes the place here.
Result<void> FileSet::make_own(FileIndex file) {
    const auto path = path_of(file);
    // A name that is ours, as the part file's is: what people have there is not touched.
    const auto part = path_of(part_file());
    const auto beside = path.substr(0, path.rfind('/') + 1) + part.substr(part.rfind('/') + 1) + "~";
    static_cast<void>(folder_->remove(beside));  // one that was left
    auto made = copy_between(*folder_, path, *folder_, beside);
    if (made) made = folder_->rename(beside, path);
    if (!made) static_cast<void>(folder_->remove(beside));
    handles_->drop(key_of(file));
    note_new_name(path);
    return made;
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

Result<FileSet::Found> FileSet::open(Trust trust, const std::optional<StoredState>& state) {
    const std::unique_lock guard(shape_);
    auto folder = files_.open_folder(folder_path_, read_only_ ? io::IfMissing::fail : io::IfMissing::make);
    if (!folder) return fail(folder.error());
    folder_ = std::move(*folder);
    if (state) {
        take_names(*state);
        if (auto undone = undo_move(*state); !undone) return fail(undone.error());
    }

    const auto count = layout().files().size();
    // By FileIndex, the part file last: there at all; vouched for; there and of nobody's knowledge.
    std::vector<bool> there(count + 1), trusted(count + 1), unknown(count + 1);
    bool all_trusted = trust != Trust::none;
    Found found{metainfo::Bitfield(layout().piece_count()),
                metainfo::Bitfield(layout().piece_count()),
                std::vector<FileStamp>(count + 1),
                {},
                {},
                {},
                renamed_};
    for (FileIndex file; file <= part_file(); ++file) {
        if (!on_disk(file)) continue;
        io::MarkedInfo info;
        const auto at = file.value;
        if (!read_only_ && (file == part_file() || wanted_[at]))
            if (auto free = find_obstacle(file); !free) return fail(free.error());
        there[at] = find_file(file, info) && (info.size > 0 || size_of(file) == 0);
        const bool right_size = there[at] && info.size == size_of(file);
        if (trust == Trust::resume && state) {
            trusted[at] = fits(file, state->stamps[at], there[at] ? &info : nullptr);
            if (!there[at] && state->stamps[at].state != FileStamp::State::absent)
                found.gone.push_back(folder_path_ + "/" + path_of(file));
        } else {
            trusted[at] = trust == Trust::sizes && right_size && file != part_file();
        }
        unknown[at] = there[at] && !trusted[at];
        // A state of before means that we were here: a file that it does not know was begun after it.
        const bool were_here = trust == Trust::resume && state.has_value();
        if (unknown[at] && !were_here) {
            if (auto free = find_unknown(file, info.size, found); !free) return fail(free.error());
        }
        if (unknown[at] && !read_only_ && (overwrite_ || were_here) && info.mark.has_other_names) {
            if (auto own = make_own(file); !own) return fail(own.error());
            if (!find_file(file, info)) unknown[at] = there[at] = false;
        }
        const bool was_ours = trust == Trust::resume && state && !read_only_ &&
                              state->stamps[at].state != FileStamp::State::settled;
        if (unknown[at] && was_ours) {
            if (auto written = write_once_more(file); !written) return fail(written.error());
            if (!find_file(file, info)) unknown[at] = there[at] = false;
        }
        all_trusted = all_trusted && (trusted[at] || size_of(file) == 0 || file == part_file());
        FilePlaces::Found place;
        place.known = there[at] && (trusted[at] || (info.size == size_of(file) && !unknown[at]));
        if (there[at]) place.stamp = stamp_of(info, FileStamp::State::settled);
        if (trusted[at] && trust == Trust::resume) {
            place.stamp.state = state->stamps[at].state;
            found.stamps[at] = state->stamps[at];
        } else {
            place.dirty = there[at];  // whoever made it need not have synced it
        }
        // Nor its name, nor we.
        if (place.dirty || (there[at] && place.stamp.state != FileStamp::State::settled))
            note_new_name(path_of(file));
        place.in_part = file != part_file() && !there[at] && !wanted_[at];
        places_.begin(file, place);
    }

    if (all_trusted && !std::ranges::any_of(unknown, std::identity{})) {
        found.have = trust == Trust::sizes ? metainfo::Bitfield(layout().piece_count(), true) : state->have;
        if (trust == Trust::resume) found.unfinished = state->unfinished;
        if (!read_only_) {
            if (auto made = make_empty_files(); !made) return fail(made.error());
        }
        return found;
    }
    for (metainfo::PieceIndex piece; piece.value < layout().piece_count(); ++piece) {
        bool have = trust == Trust::sizes || (state && trust == Trust::resume && state->have.has(piece));
        bool all_there = true;
        bool any_unknown = false;
        for (const auto& slice : layout().slices(layout().piece_offset(piece), layout().piece_size(piece))) {
            if (slice.pad) continue;
            // Where its bytes were when the state was written; select() below brings them from there.
            const bool was_in_part = places_.in_part(slice.file) ||
                                     (state && !there[slice.file.value] && !state->wanted[slice.file.value]);
            const auto at = was_in_part ? part_file().value : slice.file.value;
            have = have && trusted[at];
            all_there = all_there && there[at];
            any_unknown = any_unknown || unknown[at];
        }
        if (have) found.have.set(piece);
        if (!have && all_there && any_unknown) found.unchecked.set(piece);
    }
    if (read_only_) return found;
    if (trust == Trust::resume && state) found.unfinished = still_there(state->unfinished, found, trusted);
    for (FileIndex file; file < part_file(); ++file) {
        const bool moved_in = state && !there[file.value] && !state->wanted[file.value] &&
                              wanted_[file.value] && on_disk(file) && there[part_file().value];
        if (!moved_in) continue;
        auto held = found.have;
        for (auto piece = found.unchecked.next_set({}); piece;
             piece = found.unchecked.next_set(piece->next()))
            held.set(*piece);
        for (const auto& [piece, blocks] : found.unfinished) held.set(piece);
        if (auto copied = copy_from_part(file, held); !copied) return fail(copied.error());
    }
    if (auto made = make_empty_files(); !made) return fail(made.error());
    return found;
}

}  // namespace spate::piece_store
