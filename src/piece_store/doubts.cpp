#include "piece_store/doubts.h"

#include <utility>

namespace spate::piece_store {

metainfo::Bitfield Doubts::pieces() const {
    auto all = pieces_;
    all.add(unread_);
    return all;
}

metainfo::Bitfield Doubts::take() {
    auto taken = pieces();
    pieces_.clear();
    unread_.clear();
    return taken;
}

std::optional<metainfo::FileIndex> Doubts::foreign(const metainfo::FileLayout& layout,
                                                   const metainfo::Bitfield& have) {
    refused_ = false;
    std::vector<metainfo::FileIndex> undecided;
    for (const auto file : files_) {
        const auto pieces = layout.pieces_of(file);
        const auto any_of = [&](const metainfo::Bitfield& among) {
            const auto first = among.next_set(pieces.first);
            return first && *first < pieces.end;
        };
        if (any_of(have)) continue;
        if (any_of(unread_)) {
            undecided.push_back(file);
            continue;
        }
        refused_ = true;
        return file;
    }
    files_ = std::move(undecided);
    return std::nullopt;
}

}  // namespace spate::piece_store
