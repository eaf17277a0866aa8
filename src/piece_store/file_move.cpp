#include "piece_store/file_move.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace spate::piece_store {

using metainfo::FileIndex;

// A rename needs one folder that both are below; links on the way make it fail.
Result<void> FileMove::rename_across(io::Folder& from, io::Folder& to, const std::string& path) {
    const auto from_path = from.path() + "/" + path;
    const auto to_path = to.path() + "/" + path;
    if (!from_path.starts_with('/') || !to_path.starts_with('/'))
        return fail(Error::system(EXDEV, "rename", from_path));
    const auto root = files_.open_folder("/", io::IfMissing::fail);
    if (!root) return fail(root.error());
    return (*root)->rename(from_path.substr(1), to_path.substr(1));
}

std::vector<FileIndex> FileMove::files_here() const {
    std::vector<FileIndex> found;
    for (FileIndex file; file <= parts_.names.part_file(); ++file) {
        io::MarkedInfo info;
        if (parts_.names.on_disk(file) && parts_.find_file(file, info)) found.push_back(file);
    }
    return found;
}

// Also of files that are not begun: we shall write to them there.
Result<void> FileMove::check_free(io::Folder& to) const {
    for (FileIndex file; file <= parts_.names.part_file(); ++file) {
        if (!parts_.names.on_disk(file)) continue;
        if (auto free = check_absent(to, parts_.names.path_of(file)); !free) return free;
    }
    return {};
}

// By rename, or else as a copy, whose original stays for now.
Result<FileMove::Moved> FileMove::move_one(io::Folder& to, FileIndex file) {
    const auto path = parts_.names.path_of(file);
    if (auto made = make_folder_of(to, path); !made) return fail(made.error());
    if (rename_across(*parts_.folder, to, path)) return Moved{file, false};
    if (auto copied = copy_file(*parts_.folder, path, to, path); !copied) {
        if (!copied.error().is(std::errc::file_exists)) static_cast<void>(to.remove(path));
        return fail(copied.error());
    }
    return Moved{file, true};
}

// A copy is there for good before its original goes.
Result<void> FileMove::move_all(io::Folder& to, const std::vector<FileIndex>& files,
                                std::vector<Moved>& moved) {
    for (const auto file : files) {
        auto one = move_one(to, file);
        if (!one) return fail(one.error());
        moved.push_back(*one);
    }
    for (const auto& one : moved) {
        for (auto above = parent_path(parts_.names.path_of(one.file));; above = parent_path(above)) {
            if (auto synced = to.sync(above); !synced) return synced;
            if (above.empty()) break;
        }
    }
    return {};
}

// Of copies the originals are there still. A file that cannot be brought back is gone from here.
Result<void> FileMove::bring_back(io::Folder& from, io::Folder& to, const std::vector<Moved>& moved) {
    Result<void> result;
    for (const auto& one : moved) {
        const auto path = parts_.names.path_of(one.file);
        if (one.copied) {
            static_cast<void>(from.remove(path));
            continue;
        }
        const auto back = rename_across(from, to, path);
        if (back) continue;
        static_cast<void>(parts_.open.spoil(one.file));
        result = fail(Error::invalid("move back", from.path() + "/" + path,
                                     "it stays there: " + back.error().message(), std::errc::io_error));
    }
    parts_.remove_empty_folders(from);
    return result;
}

// What was made here since, as by a job that was begun before the move.
std::optional<Error> FileMove::take_along(Done& done) {
    std::optional<Error> stays;
    for (const auto file : files_here()) {
        if (std::ranges::find(done.files, file, &Moved::file) != done.files.end()) continue;
        const auto free = check_absent(*done.from.folder, parts_.names.path_of(file));
        const auto one = free ? move_one(*done.from.folder, file) : fail(free.error());
        if (!one) {
            static_cast<void>(parts_.open.spoil(file));
            stays = one.error();
            continue;
        }
        if (one->copied) static_cast<void>(parts_.folder->remove(parts_.names.path_of(file)));
        done.files.push_back({file, false});
    }
    parts_.remove_empty_folders(*parts_.folder);
    return stays;
}

// The files are there now. Gives the folder they were in.
TorrentFolder::Held FileMove::enter(TorrentFolder::Held folder, const std::vector<Moved>& moved) {
    parts_.open.drop_all();
    auto before = parts_.folder.change_to(std::move(folder));
    for (const auto& one : moved) {
        parts_.folder.note_new_name(parts_.names.path_of(one.file));
        // A copy has a time of its own, and a rename leaves its mark.
        io::MarkedInfo info;
        if (parts_.find_file(one.file, info)) parts_.places.note_moved(one.file, info);
    }
    parts_.places.note_begun();
    return before;
}

Result<void> FileMove::go_to(const std::string& folder) {
    const auto give_up = [&](const Error& why) {
        parts_.intended.give_up_move();
        return fail(why);
    };
    auto to = files_.open_folder(folder, io::IfMissing::make);
    if (!to) return give_up(to.error());
    parts_.open.drop_all();
    if (auto free = check_free(**to); !free) return give_up(free.error());
    std::vector<Moved> moved;
    if (auto gone = move_all(**to, files_here(), moved); !gone) {
        auto back = bring_back(**to, *parts_.folder, moved);
        return give_up(back ? gone.error() : back.error());
    }
    auto from = enter({std::move(*to), folder}, moved);
    done_ = Done{std::move(from), std::move(moved)};
    return {};
}

// One that cannot be removed stays, as a copy.
void FileMove::end() {
    const auto done = std::exchange(done_, std::nullopt);
    parts_.intended.give_up_move();
    if (!done) return;
    auto& from = *done->from.folder;
    for (const auto& one : done->files)
        if (one.copied) static_cast<void>(from.remove(parts_.names.path_of(one.file)));
    parts_.remove_empty_folders(from);
}

FileMove::BroughtBack FileMove::bring_back() {
    auto done = std::exchange(done_, std::nullopt);
    BroughtBack result;
    if (!done) return result;
    parts_.open.drop_all();
    if (auto back = bring_back(*parts_.folder, *done->from.folder, done->files); !back)
        result.stays = back.error();
    for (const auto& one : done->files)
        if (one.copied) result.copies.push_back(one.file);
    if (auto stays = take_along(*done)) result.stays = std::move(stays);
    parts_.intended.give_up_move();
    enter(std::move(done->from), done->files);
    return result;
}

// A move whose folder is not the row's did not happen. What was copied has its original here; of what lies
// there nothing is touched but files that the state knows and that are not here.
Result<void> FileMove::undo(const StoredState& state) {
    if (state.moving.empty() || state.moving == parts_.folder.path()) return {};
    const auto there = files_.open_folder(state.moving, io::IfMissing::fail);
    if (!there && there.error().is(std::errc::no_such_file_or_directory)) return {};
    if (!there) return fail(there.error());
    for (FileIndex file; file <= parts_.names.part_file(); ++file) {
        io::MarkedInfo info;
        if (!parts_.names.on_disk(file) || state.stamps[file.value].state == FileStamp::State::absent)
            continue;
        const auto path = parts_.names.path_of(file);
        const auto found = (*there)->info(path);
        if (parts_.find_file(file, info) || !found || found->kind != io::FileKind::file) continue;
        if (auto made = make_folder_of(*parts_.folder, path); !made) return made;
        const auto back = rename_across(**there, *parts_.folder, path);
        const bool never_went = !back && (back.error().is(std::errc::cross_device_link) ||
                                          back.error().is(std::errc::too_many_symbolic_link_levels));
        if (!back && !never_went) return back;
        parts_.folder.note_new_name(path);
    }
    parts_.remove_empty_folders(**there);
    return {};
}

}  // namespace spate::piece_store
