#include "metainfo/torrent_writer.h"

#include <map>

#include "base/assert.h"
#include "bencode/writer.h"

namespace spate::metainfo {

namespace {

using bencode::Writer;

std::string letters(const FileAttributes& attributes) {
    std::string text;
    if (attributes.hidden) text += 'h';
    if (attributes.symlink) text += 'l';
    if (attributes.pad) text += 'p';
    if (attributes.executable) text += 'x';
    return text;
}

void write_attributes(Writer& out, const FileAttributes& attributes) {
    const auto attr = letters(attributes);
    if (!attr.empty()) out.key("attr").string(attr);
}

void write_strings(Writer& out, std::string_view key, const std::vector<std::string>& strings) {
    out.key(key).begin_list();
    for (const auto& text : strings) out.string(text);
    out.end();
}

std::string_view bytes_of(const hash::Sha256& digest) {
    return as_text(digest);
}

template <class Digest>
std::string concatenated(const std::vector<Digest>& digests) {
    std::string text;
    text.reserve(digests.size() * std::tuple_size_v<Digest>);
    for (const auto& digest : digests) text += as_text(digest);
    return text;
}

// torrent.files are in the tree's order: a file opens and closes only the folders in which it differs from
// the one before.
void write_file_tree(Writer& out, const NewTorrent& torrent, const TorrentHashes& hashes) {
    out.key("file tree").begin_dictionary();
    std::vector<std::string> open;
    for (std::size_t i = 0; i < torrent.files.size(); ++i) {
        const NewFile& file = torrent.files[i];
        const auto folders = file.path.size() - 1;
        std::size_t same = 0;
        while (same < open.size() && same < folders && open[same] == file.path[same]) ++same;
        for (; open.size() > same; open.pop_back()) out.end();
        for (; open.size() < folders; open.push_back(file.path[open.size()]))
            out.key(file.path[open.size()]).begin_dictionary();
        out.key(file.path.back()).begin_dictionary().key("").begin_dictionary();
        write_attributes(out, file.attributes);
        out.key("length").integer(static_cast<std::int64_t>(file.size));
        if (file.size > 0) out.key("pieces root").string(bytes_of(hashes.v2_files[i].root));
        if (file.attributes.symlink) write_strings(out, "symlink path", file.symlink_target);
        out.end().end();
    }
    for (const auto& folder : open) {
        static_cast<void>(folder);
        out.end();
    }
    out.end();
}

void write_file_list(Writer& out, const NewTorrent& torrent, const FileLayout& layout) {
    out.key("files").begin_list();
    auto given = torrent.files.begin();
    for (const auto& file : layout.files()) {
        out.begin_dictionary();
        write_attributes(out, file.attributes);
        out.key("length").integer(static_cast<std::int64_t>(file.size));
        if (file.attributes.pad) {
            write_strings(out, "path", {".pad", std::to_string(file.size)});
        } else {
            write_strings(out, "path", given->path);
            if (file.attributes.symlink) write_strings(out, "symlink path", given->symlink_target);
            ++given;
        }
        out.end();
    }
    out.end();
    SPATE_ASSERT(given == torrent.files.end());
}

std::string write_info(const NewTorrent& torrent, const FileLayout& layout, const TorrentHashes& hashes) {
    const bool v1 = torrent.version != TorrentVersion::v2;
    const bool v2 = torrent.version != TorrentVersion::v1;
    const bool v1_single = v1 && torrent.single_file;
    Writer out;
    out.begin_dictionary();
    if (v1_single) write_attributes(out, torrent.files[0].attributes);
    if (v2) write_file_tree(out, torrent, hashes);
    if (v1 && !torrent.single_file) write_file_list(out, torrent, layout);
    if (v1_single) out.key("length").integer(static_cast<std::int64_t>(torrent.files[0].size));
    if (v2) out.key("meta version").integer(2);
    out.key("name").string(torrent.name);
    out.key("piece length").integer(static_cast<std::int64_t>(torrent.piece_length));
    if (v1) out.key("pieces").string(concatenated(hashes.v1_pieces));
    if (torrent.private_torrent) out.key("private").integer(1);
    if (!torrent.source.empty()) out.key("source").string(torrent.source);
    if (v1_single && torrent.files[0].attributes.symlink)
        write_strings(out, "symlink path", torrent.files[0].symlink_target);
    out.end();
    return out.take();
}

void write_piece_layers(Writer& out, const NewTorrent& torrent, const TorrentHashes& hashes) {
    std::map<hash::Sha256, std::size_t> layers;  // files with equal contents share one
    for (std::size_t i = 0; i < torrent.files.size(); ++i) {
        const auto& tree = hashes.v2_files[i];
        const bool needed = torrent.files[i].size > torrent.piece_length;
        SPATE_ASSERT(tree.piece_layer.size() ==
                     (needed ? units(torrent.files[i].size, torrent.piece_length) : 0));
        if (needed) layers.emplace(tree.root, i);
    }
    out.key("piece layers").begin_dictionary();
    for (const auto& [root, file] : layers)
        out.key(bytes_of(root)).string(concatenated(hashes.v2_files[file].piece_layer));
    out.end();
}

void write_trackers(Writer& out, const std::vector<std::vector<std::string>>& tiers) {
    if (tiers.empty() || tiers[0].empty()) return;
    out.key("announce").string(tiers[0][0]);
    if (tiers.size() == 1 && tiers[0].size() == 1) return;
    out.key("announce-list").begin_list();
    for (const auto& tier : tiers) {
        out.begin_list();
        for (const auto& url : tier) out.string(url);
        out.end();
    }
    out.end();
}

}  // namespace

WrittenTorrent write_torrent(const NewTorrent& torrent, const FileLayout& layout,
                             const TorrentHashes& hashes) {
    const bool v1 = torrent.version != TorrentVersion::v2;
    const bool v2 = torrent.version != TorrentVersion::v1;
    SPATE_ASSERT(hashes.v1_pieces.size() == (v1 ? layout.piece_count() : 0));
    SPATE_ASSERT(hashes.v2_files.size() == (v2 ? torrent.files.size() : 0));
    const auto info = write_info(torrent, layout, hashes);
    Writer out;
    out.begin_dictionary();
    write_trackers(out, torrent.trackers);
    if (!torrent.comment.empty()) out.key("comment").string(torrent.comment);
    if (!torrent.created_by.empty()) out.key("created by").string(torrent.created_by);
    if (torrent.creation_date) out.key("creation date").integer(*torrent.creation_date);
    out.key("info").raw(as_bytes(info));
    if (v2) write_piece_layers(out, torrent, hashes);
    if (!torrent.web_seeds.empty()) write_strings(out, "url-list", torrent.web_seeds);
    out.end();
    WrittenTorrent written{out.take(), {}};
    if (v1) written.hash.v1 = hash::sha1(as_bytes(info));
    if (v2) written.hash.v2 = hash::sha256(as_bytes(info));
    return written;
}

}  // namespace spate::metainfo
