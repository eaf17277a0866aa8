// PartialPiece: a piece whose blocks are coming in: segments of 16 blocks, each in a buffer of the budget or,
// when it was flushed early, on disk. Bytes of one block from several sources are kept apart until one of
// them is whole. Limits: sides_max blocks begun beside their segment; one that is taken away leaves its open
// ones there too. Pure; owner: PieceStore.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "metainfo/geometry.h"
#include "piece_store/buffer_budget.h"
#include "piece_store/store_options.h"

namespace spate::piece_store {

using BlockBits = std::uint16_t;  // one for each block of a segment
inline constexpr std::uint32_t segment_blocks = 16;
inline constexpr std::uint32_t segment_bytes = segment_blocks * metainfo::block_size;

struct Segment {
    Buffer buffer;  // of those in memory
    BlockBits in_memory = 0;
    BlockBits on_disk = 0;
};

// A run of neighbouring blocks, in bytes of the segment.
struct BlockRun {
    std::uint32_t offset;
    std::uint32_t size;
};
// segment_size: bytes of that segment (the last may be short).
std::vector<BlockRun> runs_of(BlockBits blocks, std::uint32_t segment_size);

class PartialPiece {
  public:
    static constexpr std::size_t sides_max = 64;

    // data: bytes of it that are in files; the pads behind them (hybrids) never come.
    PartialPiece(std::uint32_t size, std::uint32_t data);

    enum class Taken : std::uint8_t { dropped, part, block };
    // offset: of these bytes in the piece; they end within its block. `opened`: a segment got its buffer.
    Taken write(BufferBudget& budget, Source source, std::uint32_t offset, Bytes bytes, bool& opened);
    void forget(Source source);

    std::uint32_t size() const { return size_; }
    std::uint32_t segment_size(std::uint32_t segment) const;
    std::span<Segment> segments() { return segments_; }
    std::span<const Segment> segments() const { return segments_; }
    // Gives away the whole blocks of a segment that is in memory.
    Segment take_segment(std::uint32_t segment);
    // Those blocks are on disk now.
    void put_on_disk(std::uint32_t segment, BlockBits blocks) { segments_[segment].on_disk |= blocks; }
    std::vector<Segment> take_all();
    // What was taken could not be written.
    void put_back(std::uint32_t segment, Segment taken);
    void put_back_all(std::vector<Segment> taken) { segments_ = std::move(taken); }
    bool any_on_disk() const;
    // By BlockIndex.
    std::vector<bool> blocks_on_disk() const;
    void set_on_disk(const std::vector<bool>& blocks);

  private:
    // A block of which a part is there: in its segment, or beside it when another source began it too.
    struct OpenBlock {
        metainfo::BlockIndex block;
        Source source;
        std::uint32_t filled = 0;
        Buffer side;
    };
    std::uint32_t block_size_of(metainfo::BlockIndex block) const {
        return metainfo::block_length(data_, block);
    }
    bool has(metainfo::BlockIndex block) const;
    bool begun_in_segment(metainfo::BlockIndex block) const;
    std::uint8_t* place(BufferBudget& budget, metainfo::BlockIndex block, bool& opened);
    OpenBlock* begin(BufferBudget& budget, Source source, metainfo::BlockIndex block);
    void finish(metainfo::BlockIndex block);

    std::uint32_t size_;
    std::uint32_t data_;
    std::vector<Segment> segments_;
    std::vector<OpenBlock> open_;  // few: one a source at most, mostly
    BufferBudget* budget_ = nullptr;
};

}  // namespace spate::piece_store
