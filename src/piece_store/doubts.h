// Doubts: what was found in a torrent's files and nobody vouches for: pieces that may be right, and files
// that were there before us, which are somebody else's unless a piece of them is right: then nothing is
// written to them, and no state may make them ours. Pure. Owner: PieceStore. Thread: the reactor's.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "metainfo/bitfield.h"
#include "metainfo/file_layout.h"

namespace spate::piece_store {

class Doubts {
  public:
    explicit Doubts(std::uint32_t pieces) : pieces_(pieces) {}

    // As the files are opened.
    void begin(metainfo::Bitfield pieces, std::vector<metainfo::FileIndex> files) {
        looked_ = true;
        pieces_ = std::move(pieces);
        files_ = std::move(files);
    }
    // It may be right after all, or again.
    void add(metainfo::PieceIndex piece) { pieces_.set(piece); }
    void resolve(metainfo::PieceIndex piece) { pieces_.reset(piece); }
    bool any() const { return !pieces_.none(); }
    bool has(metainfo::PieceIndex piece) const { return pieces_.has(piece); }
    // To be looked at.
    metainfo::Bitfield take() { return std::exchange(pieces_, metainfo::Bitfield(pieces_.size())); }

    // All were looked at: a file that was there before us and of which nothing is right.
    std::optional<metainfo::FileIndex> foreign(const metainfo::FileLayout& layout,
                                               const metainfo::Bitfield& have);
    // Nothing there can be somebody else's; not before they were looked at.
    bool all_ours() const { return looked_ && !refused_ && files_.empty(); }

  private:
    metainfo::Bitfield pieces_;
    std::vector<metainfo::FileIndex> files_;
    bool looked_ = false;
    bool refused_ = false;
};

}  // namespace spate::piece_store
