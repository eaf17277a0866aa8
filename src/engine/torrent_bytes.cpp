#include "engine/torrent_bytes.h"

#include "bencode/reader.h"
#include "bencode/writer.h"
#include "metainfo/torrent_reader.h"

namespace spate::engine {
namespace {

void write_layers(bencode::Writer& out, const metainfo::PieceLayers& layers) {
    out.key("piece layers").begin_dictionary();
    for (const auto& [root, hashes] : layers.all()) {
        const Bytes octets(reinterpret_cast<const std::uint8_t*>(hashes.data()),
                           hashes.size() * sizeof(hash::Sha256));
        out.key(as_text(Bytes(root))).string(octets);
    }
    out.end();
}

std::vector<std::vector<std::string>> read_trackers(const bencode::Value& root) {
    std::vector<std::vector<std::string>> tiers;
    const auto list = root.find("announce-list");
    const auto all = list ? list->list() : std::nullopt;
    if (!all) return tiers;
    for (const bencode::Value& one : *all) {
        const auto urls = one.list();
        if (!urls || urls->empty()) continue;
        auto& tier = tiers.emplace_back();
        for (const bencode::Value& url : *urls) tier.emplace_back(url.string().value_or(""));
    }
    return tiers;
}

Result<void> read_layers(const bencode::Value& root, metainfo::Metainfo& to) {
    const auto layers = root.find("piece layers");
    if (!layers) return {};
    const metainfo::FileLayout& layout = to.info.layout;
    for (const metainfo::File& file : layout.files()) {
        if (file.size <= layout.piece_length() || !to.piece_layers.find(file.pieces_root).empty()) continue;
        const auto known = layers->find(as_text(Bytes(file.pieces_root)));
        const auto hashes = known ? known->string() : std::nullopt;
        if (!hashes) continue;
        auto added =
            to.piece_layers.add(file.pieces_root, file.size, layout.piece_length(), as_bytes(*hashes));
        if (!added) return added;
    }
    return {};
}

}  // namespace

Result<metainfo::Metainfo> read_torrent_bytes(Bytes octets) {
    const auto document = bencode::Document::parse(octets);
    if (!document) return fail(document.error());
    const auto info = document->root().find("info");
    if (!info) return fail(Error::invalid("read torrent", "info", "it is missing"));
    auto read = metainfo::read_info(info->raw(), metainfo::CaseRule::keep);
    if (!read) return fail(read.error());
    metainfo::Metainfo metainfo;
    metainfo.info = std::move(*read);
    metainfo.trackers = read_trackers(document->root());
    if (metainfo.info.has_v2())
        if (auto layers = read_layers(document->root(), metainfo); !layers) return fail(layers.error());
    return metainfo;
}

std::vector<std::uint8_t> torrent_bytes(const metainfo::Metainfo& metainfo) {
    bencode::Writer out;
    out.begin_dictionary();
    if (!metainfo.trackers.empty()) {
        out.key("announce-list").begin_list();
        for (const auto& tier : metainfo.trackers) {
            out.begin_list();
            for (const std::string& url : tier) out.string(url);
            out.end();
        }
        out.end();
    }
    out.key("info").raw(metainfo.info.raw);
    if (metainfo.info.has_v2()) write_layers(out, metainfo.piece_layers);
    out.end();
    const std::string text = out.take();
    return {text.begin(), text.end()};
}

}  // namespace spate::engine
