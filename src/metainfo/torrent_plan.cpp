// plan_layout: order, names, pad files and limits of a torrent to be made.
#include <algorithm>

#include "base/printable.h"
#include "base/utf8.h"
#include "metainfo/clean_path.h"
#include "metainfo/fields.h"
#include "metainfo/limits.h"
#include "metainfo/torrent_writer.h"

namespace spate::metainfo {

namespace {

std::string joined(const std::vector<std::string>& components) {
    std::string path;
    for (const auto& component : components) path += (path.empty() ? "" : "/") + component;
    return path;
}

// Of one that a torrent cannot carry as it is.
std::string_view fault_of(const std::vector<std::string>& path) {
    const auto some = [&](auto is) { return std::ranges::any_of(path, is); };
    if (some([](const std::string& name) { return !is_utf8(name); })) return "is not UTF-8";
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (some([&](const std::string& name) { return std::ranges::any_of(name, is_control); }))
        return "holds a control byte";
    if (some([](const std::string& name) { return clean_component(name) != name; }))
        return "is not allowed in a torrent";
    return "is another file's, too";
}

Result<void> check_shape(const NewTorrent& torrent) {
    if (clean_component(torrent.name) != torrent.name)
        return refuse("name", "'" + printable(torrent.name) + "' " + std::string(fault_of({torrent.name})));
    if (torrent.files.empty()) return refuse("files", "are none");
    const bool v2_single = torrent.version == TorrentVersion::v2 && torrent.files.size() == 1;  // any name
    if (torrent.single_file && !v2_single &&
        (torrent.files.size() != 1 || torrent.files[0].path != std::vector{torrent.name}))
        return refuse("files", "a single file has the torrent's name");
    const bool v2 = torrent.version != TorrentVersion::v1;
    const auto length = torrent.piece_length;
    if (length == 0 || length > piece_length_max || (v2 && !is_v2_piece_length(length)))
        return refuse("piece length", std::to_string(length) + " is not allowed");
    return {};
}

constexpr std::size_t bad_names_told = 10;

// Names that a torrent cannot carry as they are.
class BadNames {
  public:
    void add(const std::vector<std::string>& path) {
        if (++count_ > bad_names_told) return;
        text_ += (text_.empty() ? "'" : ", '") + printable(joined(path)) + "' " + std::string(fault_of(path));
    }
    bool empty() const { return count_ == 0; }
    std::unexpected<Error> refusal() const {
        const auto more = count_ > bad_names_told
                              ? ", and " + std::to_string(count_ - bad_names_told) + " more"
                              : std::string();
        return refuse("names of files", text_ + more + "; rename " + (count_ == 1 ? "it" : "them"));
    }

  private:
    std::size_t count_ = 0;
    std::string text_;
};

// The paths as read_torrent will give them, refused where it would change one.
Result<std::vector<File>> clean_files(const NewTorrent& torrent) {
    const std::string root = torrent.single_file ? "" : torrent.name;
    UniquePaths paths(root, CaseRule::keep);
    std::vector<File> files;
    BadNames bad;
    for (const auto& file : torrent.files) {
        const auto shown = "'" + printable(joined(file.path)) + "'";
        if (file.path.empty()) return refuse("files", "one without a path");
        if (file.attributes.pad) return refuse(shown, "pad files are put in here, not given");
        if (file.attributes.symlink &&
            (file.size != 0 || file.symlink_target.empty() ||
             std::ranges::find(file.symlink_target, "..") != file.symlink_target.end()))
            return refuse(shown, "a symlink has no bytes and leads to a path within the torrent");
        if (torrent.version != TorrentVersion::v1 && file.path.size() > v2_path_depth_max)
            return refuse(shown,
                          "deeper than " + std::to_string(v2_path_depth_max) + " components, the most of v2");
        const std::vector<std::string_view> components(file.path.begin(), file.path.end());
        auto path = paths.add(components);
        if (!path) return refuse(shown, path.error().detail);
        if (*path != (root.empty() ? "" : root + "/") + joined(file.path)) bad.add(file.path);
        files.push_back({.size = file.size, .attributes = file.attributes, .path = std::move(*path)});
    }
    if (!bad.empty()) return bad.refusal();
    return files;
}

// Each file that is not empty starts at a piece boundary: what is missing before it becomes a pad file.
std::vector<File> padded(std::vector<File> files, const std::string& root, std::uint64_t piece_length) {
    std::vector<File> all;
    std::uint64_t end = 0;  // within its piece: sums cannot wrap
    for (auto& file : files) {
        if (file.size > 0 && end != 0) {
            const auto pad = piece_length - end;
            all.push_back(
                {.size = pad, .attributes = {.pad = true}, .path = root + "/.pad/" + std::to_string(pad)});
            end = 0;
        }
        end = (end + file.size % piece_length) % piece_length;
        all.push_back(std::move(file));
    }
    return all;
}

}  // namespace

Result<FileLayout> plan_layout(NewTorrent& torrent) {
    if (torrent.version == TorrentVersion::v2)
        torrent.single_file = torrent.files.size() == 1 && torrent.files[0].path.size() == 1;
    if (auto good = check_shape(torrent); !good) return fail(good.error());
    std::ranges::sort(torrent.files, {}, &NewFile::path);
    auto files = clean_files(torrent);
    if (!files) return fail(files.error());
    if (torrent.version == TorrentVersion::hybrid && !torrent.single_file)
        files = padded(std::move(*files), torrent.name, torrent.piece_length);
    const bool v1 = torrent.version != TorrentVersion::v2;
    const bool v2 = torrent.version != TorrentVersion::v1;
    auto layout = FileLayout::make(std::move(*files), {}, torrent.piece_length,
                                   v1 ? FileLayout::Alignment::none : FileLayout::Alignment::pieces);
    if (!layout) return layout;
    std::uint64_t bytes = layout->piece_count() * ((v1 ? 20ULL : 0) + (v2 ? 32ULL : 0));
    for (const auto& file : layout->files()) bytes += (file.path.size() + 60) * (v1 && v2 ? 2U : 1U);
    if (bytes > torrent_bytes_max)
        return refuse("piece length", "makes a torrent of " + std::to_string(bytes) + " bytes, " +
                                          std::to_string(torrent_bytes_max) + " are allowed");
    return layout;
}

}  // namespace spate::metainfo
