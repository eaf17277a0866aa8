// How a FileSet's files go to another folder, all or none, whatever happens meanwhile: the state says it
// first, then they are renamed (or copied, and the originals stay), then the resume database names the new
// folder, and only then the originals of copies go. A process that ends before that leaves the old folder's
// name, and the next one brings back what was renamed.
#include <algorithm>
#include <cerrno>
#include <utility>

#include "piece_store/file_set.h"

namespace spate::piece_store {
namespace {

using metainfo::FileIndex;

constexpr std::size_t copy_bytes = std::size_t{1} << 20;

}  // namespace

// Nothing is there under that name.
Result<void> FileSet::absent(io::Folder& folder, const std::string& path) {
    const auto info = folder.info(path);
    if (info)
        return fail(Error::invalid("move to", folder.path() + "/" + path, "something is there already",
                                   std::errc::file_exists));
    if (info.error().is(std::errc::no_such_file_or_directory)) return {};
    return fail(info.error());
}

Result<void> FileSet::copy_between(io::Folder& from, const std::string& path, io::Folder& to,
                                   const std::string& to_path) {
    auto source = from.open(path, io::OpenMode::read);
    if (!source) return fail(source.error());
    auto target = to.open(to_path, io::OpenMode::create_new);
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
Result<void> FileSet::rename_across(io::Folder& from, io::Folder& to, const std::string& path) {
    const auto from_path = from.path() + "/" + path;
    const auto to_path = to.path() + "/" + path;
    if (!from_path.starts_with('/') || !to_path.starts_with('/'))
        return fail(Error::system(EXDEV, "rename", from_path));
    const auto root = files_.open_folder("/", io::IfMissing::fail);
    if (!root) return fail(root.error());
    return (*root)->rename(from_path.substr(1), to_path.substr(1));
}

// By rename, or else as a copy, whose original stays for now.
Result<FileSet::Moved> FileSet::move_one(io::Folder& to, FileIndex file) {
    const auto path = path_of(file);
    if (const auto above = parent(path); !above.empty()) {
        if (auto made = to.make_folder(above); !made) return fail(made.error());
    }
    if (rename_across(*folder_, to, path)) return Moved{file, false};
    if (auto copied = copy_between(*folder_, path, to, path); !copied) {
        static_cast<void>(to.remove(path));
        return fail(copied.error());
    }
    return Moved{file, true};
}

Result<std::vector<FileSet::Moved>> FileSet::move_all(io::Folder& to) {
    std::vector<FileIndex> moving;
    for (FileIndex file; file <= part_file(); ++file) {
        io::MarkedInfo info;
        if (!on_disk(file) || !find_file(file, info)) continue;
        if (auto free = absent(to, path_of(file)); !free) {
            give_up_move();
            return fail(free.error());
        }
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
        if (auto back = bring_back(to, *folder_, moved); !back) return fail(back.error());
        return fail(gone.error());
    }
    return moved;
}

// Of copies the originals are there still. A file that cannot be brought back is gone from here.
Result<void> FileSet::bring_back(io::Folder& from, io::Folder& to, const std::vector<Moved>& moved) {
    Result<void> result;
    for (const auto& one : moved) {
        const auto path = path_of(one.file);
        if (one.copied) {
            static_cast<void>(from.remove(path));
            continue;
        }
        const auto back = rename_across(from, to, path);
        if (back) continue;
        static_cast<void>(spoil(one.file));
        result = fail(Error::invalid("move back", from.path() + "/" + path,
                                     "it stays there: " + back.error().message(), std::errc::io_error));
    }
    remove_empty_folders(from);
    give_up_move();
    return result;
}

// The files are there now.
void FileSet::enter(std::unique_ptr<io::Folder> folder, std::string path, const std::vector<Moved>& moved) {
    handles_->drop_set(id_);
    folder_ = std::move(folder);
    folder_path_ = std::move(path);
    for (const auto& one : moved) {
        note_new_name(path_of(one.file));
        // A copy has a time of its own, and a rename leaves its mark.
        io::MarkedInfo info;
        if (find_file(one.file, info)) places_.note_moved(one.file, info);
    }
    places_.note_begun();
}

void FileSet::intend_move(const std::string& folder) {
    const std::lock_guard guard(mutex_);
    moving_ = folder;
}

void FileSet::give_up_move() {
    const std::lock_guard guard(mutex_);
    moving_.clear();
}

// All or nothing: what was moved before an error is moved back.
Result<void> FileSet::move_to(const std::string& folder) {
    const std::unique_lock guard(shape_);
    if (read_only_ || !folder_) return fail(Error::system(EROFS, "move files from", folder_path_));
    auto to = files_.open_folder(folder, io::IfMissing::make);
    if (!to) {
        give_up_move();
        return fail(to.error());
    }
    handles_->drop_set(id_);
    auto moved = move_all(**to);
    if (!moved) return fail(moved.error());
    move_ = Move{std::move(folder_), folder_path_, std::move(*moved)};
    enter(std::move(*to), folder, move_->files);
    return {};
}

// One that cannot be removed stays, as a copy.
void FileSet::end_move() {
    const std::unique_lock guard(shape_);
    const auto move = std::exchange(move_, std::nullopt);
    give_up_move();
    if (!move) return;
    for (const auto& one : move->files)
        if (one.copied) static_cast<void>(move->from->remove(path_of(one.file)));
    remove_empty_folders(*move->from);
}

Result<std::vector<FileIndex>> FileSet::move_back() {
    const std::unique_lock guard(shape_);
    auto move = std::exchange(move_, std::nullopt);
    if (!move) return std::vector<FileIndex>{};
    handles_->drop_set(id_);
    auto back = bring_back(*folder_, *move->from, move->files);
    enter(std::move(move->from), std::move(move->from_path), move->files);
    if (!back) return fail(back.error());
    std::vector<FileIndex> copies;
    for (const auto& one : move->files)
        if (one.copied) copies.push_back(one.file);
    return copies;
}

// A move whose folder is not the row's did not happen. What was copied has its original here; of what lies
// there nothing is touched but files that the state knows and that are not here.
Result<void> FileSet::undo_move(const StoredState& state) {
    if (state.moving.empty() || state.moving == folder_path_ || read_only_) return {};
    const auto there = files_.open_folder(state.moving, io::IfMissing::fail);
    if (!there && there.error().is(std::errc::no_such_file_or_directory)) return {};
    if (!there) return fail(there.error());
    for (FileIndex file; file <= part_file(); ++file) {
        io::MarkedInfo info;
        if (!on_disk(file) || state.stamps[file.value].state == FileStamp::State::absent) continue;
        const auto path = path_of(file);
        const auto found = (*there)->info(path);
        if (find_file(file, info) || !found || found->kind != io::FileKind::file) continue;
        if (const auto above = parent(path); !above.empty()) {
            if (auto made = folder_->make_folder(above); !made) return made;
        }
        const auto back = rename_across(**there, *folder_, path);
        const bool never_went = !back && (back.error().is(std::errc::cross_device_link) ||
                                          back.error().is(std::errc::too_many_symbolic_link_levels));
        if (!back && !never_went) return back;
        note_new_name(path);
    }
    remove_empty_folders(**there);
    return {};
}

}  // namespace spate::piece_store
