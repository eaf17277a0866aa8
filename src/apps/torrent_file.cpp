#include "apps/torrent_file.h"

#include <cerrno>
#include <filesystem>

#include "metainfo/limits.h"
#include "metainfo/torrent_reader.h"
#include "storage/atomic_file.h"

namespace spate::apps {

Result<SplitPath> split_path(const std::string& path) {
    std::error_code error;
    const auto full = std::filesystem::weakly_canonical(std::filesystem::absolute(path, error), error);
    if (error) return fail(Error{error, "open", path, {}});
    if (full.filename().empty()) return fail(Error::system(EISDIR, "open", path));
    return SplitPath{full.parent_path().string(), full.filename().string()};
}

Result<metainfo::Metainfo> load_torrent(io::Files& files, const std::string& path) {
    const auto split = split_path(path);
    if (!split) return fail(split.error());
    auto folder = files.open_folder(split->folder, io::IfMissing::fail);
    if (!folder) return fail(folder.error());
    auto bytes = storage::read_file(**folder, split->name, metainfo::torrent_bytes_max);
    if (!bytes) return fail(bytes.error());
    return read_torrent_of(path, *bytes);
}

Result<metainfo::Metainfo> read_torrent_of(const std::string& source, Bytes bytes) {
    auto torrent = metainfo::read_torrent(bytes, metainfo::CaseRule::keep);
    if (torrent) return torrent;
    const Error& error = torrent.error();
    return fail(
        Error{error.code, "read", source, "this is no .torrent that can be used: " + error.message()});
}

Result<void> save_torrent(io::Files& files, const std::string& path, std::string_view torrent, bool replace) {
    const auto split = split_path(path);
    if (!split) return fail(split.error());
    if (!replace && is_there(path)) return fail(Error::system(EEXIST, "write", path));
    auto folder = files.open_folder(split->folder, io::IfMissing::fail);
    if (!folder) return fail(folder.error());
    return storage::replace_file(**folder, split->name, as_bytes(torrent));
}

std::string check_path(const std::string& text) {
    return text.empty() ? "an empty text names no file" : "";
}

bool is_there(const std::string& path) {
    std::error_code error;
    return std::filesystem::exists(std::filesystem::symlink_status(path, error));
}

}  // namespace spate::apps
