#include "piece_store/doubts.h"

namespace spate::piece_store {

std::optional<metainfo::FileIndex> Doubts::foreign(const metainfo::FileLayout& layout,
                                                   const metainfo::Bitfield& have) {
    for (const auto file : files_) {
        const auto pieces = layout.pieces_of(file);
        const auto right = have.next_set(pieces.first);
        if (right && *right < pieces.end) continue;
        refused_ = true;
        return file;
    }
    files_.clear();
    return std::nullopt;
}

}  // namespace spate::piece_store
