#include "piece_store/torrent_folder.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "piece_store/file_names.h"

namespace spate::piece_store {

Result<void> check_absent(io::Folder& folder, const std::string& path) {
    const auto info = folder.info(path);
    if (info)
        return fail(Error::invalid("move to", folder.path() + "/" + path, "something is there already",
                                   std::errc::file_exists));
    if (info.error().is(std::errc::no_such_file_or_directory)) return {};
    return fail(info.error());
}

Result<void> copy_file(io::Folder& from, const std::string& path, io::Folder& to,
                       const std::string& to_path) {
    constexpr std::size_t at_a_time = std::size_t{1} << 20;
    auto source = from.open(path, io::OpenMode::read);
    if (!source) return fail(source.error());
    auto target = to.open(to_path, io::OpenMode::create_new);
    if (!target) return fail(target.error());
    std::vector<std::uint8_t> buffer(at_a_time);
    const auto size = (*source)->size();
    if (!size) return fail(size.error());
    if (auto sized = (*target)->resize(*size); !sized) return sized;
    for (std::uint64_t at = 0; at < *size;) {
        const auto count = (*source)->read_at(at, buffer);
        if (!count) return fail(count.error());
        if (*count == 0) break;
        const auto part = Bytes(buffer).first(*count);
        if (std::ranges::any_of(part, [](std::uint8_t octet) { return octet != 0; })) {
            if (auto put = (*target)->write_at(at, part); !put) return put;
        }
        at += *count;
    }
    return (*target)->sync();
}

Result<void> make_folder_of(io::Folder& folder, const std::string& path) {
    const auto above = parent_path(path);
    return above.empty() ? Result<void>() : folder.make_folder(above);
}

Result<void> TorrentFolder::open(io::IfMissing if_missing) {
    auto folder = files_.open_folder(held_.path, if_missing);
    if (!folder) return fail(folder.error());
    change_to({std::move(*folder), held_.path});
    return {};
}

TorrentFolder::Held TorrentFolder::change_to(Held other) {
    disk_ = other.folder->disk();
    return std::exchange(held_, std::move(other));
}

bool TorrentFolder::find_file(const std::string& path, io::MarkedInfo& info) const {
    const auto found = held_.folder->marked_info(path);
    if (!found || found->kind != io::FileKind::file) return false;
    info = *found;
    return true;
}

Result<std::unique_ptr<io::File>> TorrentFolder::make_file(const std::string& path) {
    if (auto made = make_folder_of(*held_.folder, path); !made) return fail(made.error());
    auto file = held_.folder->open(path, io::OpenMode::create);
    note_new_name(path);
    return file;
}

Result<void> TorrentFolder::rename(const std::string& path, const std::string& to) {
    if (auto made = make_folder_of(*held_.folder, to); !made) return made;
    if (auto renamed = held_.folder->rename(path, to); !renamed) return renamed;
    note_new_name(path);
    note_new_name(to);
    return {};
}

void TorrentFolder::note_new_name(const std::string& path) {
    const std::lock_guard guard(mutex_);
    for (auto above = parent_path(path);; above = parent_path(above)) {
        new_names_in_.insert(above);
        if (above.empty()) return;
    }
}

Result<void> TorrentFolder::sync_names() {
    std::set<std::string> folders;
    {
        const std::lock_guard guard(mutex_);
        folders.swap(new_names_in_);
    }
    for (const auto& folder : folders) {
        auto synced = held_.folder->sync(folder);
        if (synced || synced.error().is(std::errc::no_such_file_or_directory)) continue;
        const std::lock_guard guard(mutex_);
        new_names_in_.merge(folders);
        return synced;
    }
    return {};
}

}  // namespace spate::piece_store
