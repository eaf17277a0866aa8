#include "metainfo/torrent_reader.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "base/printable.h"
#include "metainfo/fields.h"
#include "metainfo/info_reader.h"
#include "metainfo/limits.h"
#include "metainfo/outer_fields.h"

namespace spate::metainfo {

namespace {

Result<bencode::Document> read_document(Bytes bytes) {
    if (bytes.size() > torrent_bytes_max)
        return refuse("torrent", std::to_string(bytes.size()) + " bytes, " +
                                     std::to_string(torrent_bytes_max) + " are allowed");
    auto document = bencode::Document::parse(bytes);
    if (!document) return document;
    const auto& odd = document->oddities();
    const auto where = [](std::uint32_t offset) { return "byte " + std::to_string(offset); };
    if (odd.duplicate_keys) return refuse(where(*odd.duplicate_keys), "a dictionary has the same key twice");
    if (odd.leading_zeros) return refuse(where(*odd.leading_zeros), "a number with leading zeros");
    return document;
}

struct NamedLayer {
    hash::Sha256 root;
    std::string_view hashes;
};

Result<std::vector<NamedLayer>> list_layers(const Fields& torrent) {
    std::vector<NamedLayer> layers;
    const auto dictionary = torrent.find("piece layers");
    if (!dictionary) return layers;
    if (!dictionary->is(bencode::Kind::dictionary)) return refuse("piece layers", "must be a dictionary");
    std::string_view reason;
    dictionary->each_entry([&](std::string_view key, bencode::Value value) {
        NamedLayer layer{};
        if (key.size() != layer.root.size()) {
            reason = "a key is not 32 bytes";
        } else if (!value.string()) {
            reason = "a layer must be a string";
        } else {
            std::memcpy(layer.root.data(), key.data(), key.size());
            layer.hashes = *value.string();
            layers.push_back(layer);
        }
        return reason.empty();
    });
    if (!reason.empty()) return refuse("piece layers", std::string(reason));
    std::ranges::sort(layers, {}, &NamedLayer::root);
    return layers;
}

// Every file longer than a piece must have its layer, and the layer must lead to the file's root.
Result<void> read_piece_layers(const Fields& torrent, Metainfo& out) {
    const auto given = list_layers(torrent);
    if (!given) return fail(given.error());
    const auto piece_length = out.info.layout.piece_length();
    for (const auto& file : out.info.layout.files()) {
        if (file.attributes.pad || file.size <= piece_length) continue;
        const auto found = std::ranges::lower_bound(*given, file.pieces_root, {}, &NamedLayer::root);
        const auto refused = [&](const std::string& reason) {
            return refuse("piece layers", "'" + printable(file.path) + "': " + reason);
        };
        if (found == given->end() || found->root != file.pieces_root) return refused("is missing");
        const auto known = out.piece_layers.find(file.pieces_root);
        if (known.size() == units(file.size, piece_length)) continue;  // a file with the same contents
        auto added = out.piece_layers.add(file.pieces_root, file.size, piece_length, as_bytes(found->hashes));
        if (!added) return refused(added.error().detail);
    }
    if (given->size() > out.piece_layers.size())
        warn(out, "piece layers: some belong to no file and were left out");
    return {};
}

}  // namespace

Result<Metainfo> read_torrent(Bytes torrent, CaseRule case_rule) {
    const auto document = read_document(torrent);
    if (!document) return fail(document.error());
    if (!document->root().is(bencode::Kind::dictionary)) return refuse("torrent", "must be a dictionary");
    const Fields fields(document->root(), "");
    const auto dictionary = fields.find("info");
    if (!dictionary) return refuse("info", "is missing");
    auto info = read_info_dictionary(*dictionary, case_rule);
    if (!info) return fail(std::move(info.error()));
    Metainfo metainfo;
    metainfo.info = std::move(*info);
    if (document->oddities().unsorted_keys) warn(metainfo, "keys are not in order");
    if (document->size() < torrent.size())
        warn(metainfo, std::to_string(torrent.size() - document->size()) + " bytes follow the torrent");
    if (metainfo.info.has_v2())
        if (auto read = read_piece_layers(fields, metainfo); !read) return fail(std::move(read.error()));
    read_outer_fields(fields, metainfo);
    return metainfo;
}

Result<Info> read_info(Bytes info, CaseRule case_rule) {
    const auto document = read_document(info);
    if (!document) return fail(document.error());
    if (document->size() < info.size()) return refuse("info", "bytes follow the dictionary");
    return read_info_dictionary(document->root(), case_rule);
}

}  // namespace spate::metainfo
