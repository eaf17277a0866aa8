#include "engine/torrent_bytes.h"

#include "bencode/writer.h"

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

}  // namespace

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
