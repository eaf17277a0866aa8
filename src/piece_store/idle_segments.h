// IdleSegments: which segments of unfinished pieces hold memory, over all stores, in the order they were
// begun. When they hold more than half of the budget, the oldest are to be flushed to disk early until a
// quarter of that is free again: so whole pieces always find room, and peers that never finish one cannot
// stop the rest. Thread: the reactor's.
#pragma once

#include <cstdint>
#include <list>

#include "metainfo/geometry.h"

namespace spate::piece_store {

class SegmentOwner {
  public:
    virtual ~SegmentOwner() = default;
    // Not from inside a call of the owner's: takes the segment's whole blocks out of memory.
    virtual void flush_early(metainfo::PieceIndex piece, std::uint32_t segment) = 0;
    // After the last of a round.
    virtual void flush_now() = 0;
};

class IdleSegments {
  public:
    struct Entry {
        SegmentOwner* owner;
        metainfo::PieceIndex piece;
        std::uint32_t segment;
        std::size_t bytes;
    };
    using Position = std::list<Entry>::iterator;

    explicit IdleSegments(std::size_t limit) : limit_(limit) {}

    void add(const Entry& entry);
    void remove_piece(SegmentOwner& owner, metainfo::PieceIndex piece);
    void remove_owner(SegmentOwner& owner);
    std::size_t bytes() const { return bytes_; }
    // Flushes the oldest where too much is idle.
    void relieve();

  private:
    template <class Matches>
    void remove_if(Matches matches);
    const std::size_t limit_;
    std::size_t bytes_ = 0;
    std::list<Entry> entries_;  // the oldest first; at most limit_ and what one piece is more
};

}  // namespace spate::piece_store
