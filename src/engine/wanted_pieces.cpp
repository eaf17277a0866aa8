#include "engine/wanted_pieces.h"

#include <algorithm>

namespace spate::engine {
namespace {

bool wants(const Selection& selection, const metainfo::File& file, std::uint32_t index) {
    if (file.attributes.pad || (selection.wants && !selection.wants(file))) return false;
    const auto selected = [&](const metainfo::IndexRange& range) {
        return range.first <= index && index <= range.last;
    };
    return selection.only.empty() || std::ranges::any_of(selection.only, selected);
}

}  // namespace

WantedPieces::WantedPieces(const metainfo::FileLayout& layout, const Selection& selection)
    : layout_(layout),
      files_(layout.files().size()),
      part_(selection.part.of(layout.piece_count())),
      pieces_(layout.piece_count()) {
    for (std::uint32_t i = 0; i < files_.size(); ++i) {
        files_[i] = wants(selection, layout.files()[i], i);
        if (!files_[i]) continue;
        const metainfo::PieceRange range = layout.pieces_of(metainfo::FileIndex(i));
        for (auto piece = range.first; piece != range.end; ++piece)
            if (in_part(piece)) pieces_.set(piece);
    }
}

std::vector<swarm::Priority> WantedPieces::priorities() const {
    std::vector<swarm::Priority> of_pieces(pieces_.size(), 0);
    for (auto piece = pieces_.next_set({}); piece; piece = pieces_.next_set(piece->next()))
        of_pieces[piece->value] = swarm::priority_normal;
    return of_pieces;
}

void WantedPieces::count(const metainfo::Bitfield& have) {
    bytes_ = bytes_there_ = 0;
    for (auto piece = pieces_.next_set({}); piece; piece = pieces_.next_set(piece->next())) {
        const std::uint64_t size = layout_.piece_data_size(*piece);
        bytes_ += size;
        if (have.has(*piece)) bytes_there_ += size;
    }
}

void WantedPieces::on_there(metainfo::PieceIndex piece) {
    if (pieces_.has(piece)) bytes_there_ += layout_.piece_data_size(piece);
}

}  // namespace spate::engine
