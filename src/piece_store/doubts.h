// Doubts: what was found in a torrent's files and nobody vouches for: pieces that may be right, and files
// that were there before us, which are somebody else's unless a piece of them is right: then nothing is
// written to them, and no state may make them ours. A piece that a look could not read stays in doubt.
// Pure. Owner: PieceStore. Thread: the reactor's.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/error.h"
#include "metainfo/bitfield.h"
#include "metainfo/file_layout.h"

namespace spate::piece_store {

class Doubts {
  public:
    explicit Doubts(std::uint32_t pieces) : pieces_(pieces), unread_(pieces) {}

    // As the files are opened.
    void begin(metainfo::Bitfield pieces, std::vector<metainfo::FileIndex> files) {
        looked_ = true;
        unread_.clear();
        pieces_ = std::move(pieces);
        files_ = std::move(files);
    }
    // It may be right after all, or again.
    void add(metainfo::PieceIndex piece) { pieces_.set(piece); }
    // It was to be looked at and could not be.
    void add_unread(metainfo::PieceIndex piece, const Error& why) {
        unread_.set(piece);
        why_unread_ = why;
    }
    void resolve(metainfo::PieceIndex piece) {
        pieces_.reset(piece);
        unread_.reset(piece);
    }
    // Some are to be looked at for the first time.
    bool any() const { return !pieces_.none(); }
    bool has(metainfo::PieceIndex piece) const { return pieces_.has(piece) || unread_.has(piece); }
    // Why one of those could not be looked at that are to be looked at again; null: there are none.
    const Error* unread() const { return unread_.none() ? nullptr : &*why_unread_; }
    // All that is to be looked at.
    metainfo::Bitfield pieces() const;
    metainfo::Bitfield take();

    // They were looked at: a file that was there before us and of which nothing is right. One of which
    // something could not be read may be ours still.
    std::optional<metainfo::FileIndex> foreign(const metainfo::FileLayout& layout,
                                               const metainfo::Bitfield& have);
    // Nothing there can be somebody else's; not before they were looked at.
    bool all_ours() const { return looked_ && !refused_ && files_.empty(); }

  private:
    metainfo::Bitfield pieces_;
    metainfo::Bitfield unread_;
    std::optional<Error> why_unread_;
    std::vector<metainfo::FileIndex> files_;
    bool looked_ = false;
    bool refused_ = false;
};

}  // namespace spate::piece_store
