// HeldPieces: which pieces of a torrent are there: hashed and written, or vouched for by a state; and which
// of them are fresh: in no state that was synced, so that a sync that fails takes them with it. Pure. Owner:
// PieceStore. Thread: the reactor's.
#pragma once

#include <cstdint>
#include <utility>

#include "metainfo/bitfield.h"

namespace spate::piece_store {

class HeldPieces {
  public:
    explicit HeldPieces(std::uint32_t pieces) : have_(pieces), fresh_(pieces) {}

    const metainfo::Bitfield& have() const { return have_; }
    const metainfo::Bitfield& fresh() const { return fresh_; }

    // As the files were found.
    void begin(metainfo::Bitfield have) { have_ = std::move(have); }
    void add(metainfo::PieceIndex piece) {
        have_.set(piece);
        fresh_.set(piece);
    }
    // False: it was not there.
    bool lose(metainfo::PieceIndex piece) {
        fresh_.reset(piece);
        return have_.reset(piece);
    }

    // For a sync that begins.
    metainfo::Bitfield take_fresh() { return std::exchange(fresh_, metainfo::Bitfield(have_.size())); }
    // It failed: those of them that are there still are fresh again.
    void put_back(const metainfo::Bitfield& taken) {
        for (auto piece = taken.next_set({}); piece; piece = taken.next_set(piece->next()))
            if (have_.has(*piece)) fresh_.set(*piece);
    }

  private:
    metainfo::Bitfield have_;
    metainfo::Bitfield fresh_;
};

}  // namespace spate::piece_store
