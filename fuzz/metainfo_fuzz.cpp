// Any bytes as a .torrent: read or refused; whatever is read has safe paths and a layout that holds together.
#include <cstdlib>

#include "metainfo/torrent_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace spate;
    const auto torrent = metainfo::read_torrent({data, size});
    if (!torrent) {
        if (torrent.error().detail.empty()) std::abort();
        return 0;
    }
    const auto& layout = torrent->info.layout;
    std::uint64_t end = 0;
    for (const auto& file : layout.files()) {
        if (file.offset < end || file.path.empty() || file.path.front() == '/' || file.path.size() > 4095)
            std::abort();
        if (file.path.find("../") == 0 || file.path.find("/../") != file.path.npos) std::abort();
        end = file.offset + file.size;
    }
    for (metainfo::PieceIndex piece; piece.value < layout.piece_count() && piece.value < 1000; ++piece) {
        if (layout.piece_size(piece) < layout.piece_data_size(piece)) std::abort();
        if (torrent->info.has_v1()) static_cast<void>(torrent->info.v1_piece_hash(piece));
        if (torrent->info.has_v2()) static_cast<void>(torrent->v2_piece_hash(piece));
    }
    if (torrent->info.has_v2() && !torrent->has_all_piece_layers()) std::abort();
    const auto info = metainfo::read_info(torrent->info.raw);
    if (!info || info->hash != torrent->info.hash) std::abort();
    return 0;
}
