#include "metainfo/metainfo.h"

#include <algorithm>

#include "base/assert.h"

namespace spate::metainfo {

hash::Sha1 Info::v1_piece_hash(PieceIndex piece) const {
    SPATE_ASSERT(has_v1() && piece.value < layout.piece_count());
    hash::Sha1 digest;
    const auto offset = v1_pieces_offset + std::size_t{piece.value} * digest.size();
    std::copy_n(raw.begin() + static_cast<std::ptrdiff_t>(offset), digest.size(), digest.begin());
    return digest;
}

bool Metainfo::has_all_piece_layers() const {
    return !info.has_v2() || std::ranges::all_of(info.layout.files(), [&](const File& file) {
        return file.attributes.pad || file.size <= info.layout.piece_length() ||
               !piece_layers.find(file.pieces_root).empty();
    });
}

std::optional<hash::Sha256> Metainfo::v2_piece_hash(PieceIndex piece) const {
    SPATE_ASSERT(info.has_v2() && piece.value < info.layout.piece_count());
    const auto index = info.layout.file_at(info.layout.piece_offset(piece));
    const File& file = info.layout.file(index);
    if (file.attributes.pad) return std::nullopt;
    if (file.size <= info.layout.piece_length()) return file.pieces_root;
    const auto layer = piece_layers.find(file.pieces_root);
    if (layer.empty()) return std::nullopt;
    return layer[piece.value - info.layout.pieces_of(index).first.value];
}

}  // namespace spate::metainfo
