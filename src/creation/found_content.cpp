#include "creation/found_content.h"

#include <algorithm>

#include "creation/file_tree.h"

namespace spate::creation {
namespace {

constexpr std::size_t sample_files = 100;  // looked at to tell two folders apart

struct Place {
    std::shared_ptr<io::Folder> folder;
    std::string file;  // a single file's name there; empty: the names are the torrent's
    std::string text() const { return file.empty() ? folder->path() : folder->path() + "/" + file; }
};

// A file's path below its place: the torrent's, without the root folder.
std::string path_in(const Place& place, const metainfo::Info& info, const metainfo::File& file) {
    if (!place.file.empty()) return place.file;
    return info.single_file ? file.path : file.path.substr(info.name.size() + 1);
}

bool on_disk(const metainfo::File& file) {
    return !file.attributes.pad && !file.attributes.symlink;
}

std::size_t files_there(const Place& place, const metainfo::Info& info) {
    std::size_t looked = 0, there = 0;
    for (const auto& file : info.layout.files()) {
        if (!on_disk(file)) continue;
        if (++looked > sample_files) break;
        const auto found = place.folder->info(path_in(place, info, file));
        there += found && found->kind == io::FileKind::file && found->size == file.size ? 1U : 0U;
    }
    return there;
}

Result<Place> choose(io::Files& files, const metainfo::Info& info, const std::string& path) {
    auto named = open_named(files, path);
    if (!named) return fail(named.error());
    Place itself{std::move(named->folder), std::move(named->file)};
    if (!itself.file.empty()) {
        if (info.single_file) return itself;
        return fail(Error::invalid("verify", path, "a file, but the torrent is a folder of files"));
    }
    if (info.single_file) return itself;
    const auto inside = itself.folder->info(info.name);
    if (!inside || inside->kind != io::FileKind::folder) return itself;
    auto folder = itself.folder->open_folder(info.name);
    if (!folder) return itself;
    Place below{std::move(*folder), {}};
    return files_there(itself, info) > files_there(below, info) ? itself : below;
}

FileVerdict look_at(io::Folder& folder, const std::string& path, const metainfo::File& file) {
    const auto found = folder.info(path);
    FileVerdict verdict;
    if (!found) {
        const bool absent = found.error().is(std::errc::no_such_file_or_directory) ||
                            found.error().is(std::errc::not_a_directory);
        verdict.state = absent ? FileState::missing : FileState::unreadable;
        verdict.error = found.error();
        return verdict;
    }
    verdict.size_found = found->size;
    if (found->kind != io::FileKind::file) {
        verdict.state = FileState::not_a_file;
        verdict.size_found = 0;
    } else if (found->size < file.size) {
        verdict.state = FileState::too_short;
    } else if (found->size > file.size) {
        verdict.state = FileState::too_long;
    }
    return verdict;
}

}  // namespace

Result<FoundContent> find_content(io::Files& files, const metainfo::Info& info, const std::string& path,
                                  const std::atomic<bool>& stop) {
    auto place = choose(files, info, path);
    if (!place) return fail(place.error());
    FoundContent found;
    Content content;
    found.place = place->text();
    content.folder = place->folder;
    content.layout = info.layout;
    for (const auto& file : info.layout.files()) {
        if (stop) break;
        auto& where = content.places.emplace_back();
        auto& verdict = found.files.emplace_back();
        if (!on_disk(file)) continue;
        where.path = path_in(*place, info, file);
        verdict = look_at(*content.folder, where.path, file);
        where.available = std::min(verdict.size_found, file.size);
    }
    found.content = std::make_shared<const Content>(std::move(content));
    return found;
}

}  // namespace spate::creation
