#include "piece_store/partial_piece.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/assert.h"

namespace spate::piece_store {
namespace {

using metainfo::BlockIndex;

std::uint32_t segment_of(BlockIndex block) {
    return block.value / segment_blocks;
}
BlockBits bit_of(BlockIndex block) {
    return static_cast<BlockBits>(1U << (block.value % segment_blocks));
}
std::uint32_t offset_in_segment(BlockIndex block) {
    return block.value % segment_blocks * metainfo::block_size;
}

}  // namespace

std::vector<BlockRun> runs_of(BlockBits blocks, std::uint32_t segment_size) {
    std::vector<BlockRun> runs;
    for (std::uint32_t rest = blocks, at = 0; rest != 0;) {
        const auto skip = static_cast<std::uint32_t>(std::countr_zero(rest));
        at += skip;
        rest >>= skip;
        const auto count = static_cast<std::uint32_t>(std::countr_one(rest));
        const auto offset = at * metainfo::block_size;
        runs.push_back({offset, std::min(count * metainfo::block_size, segment_size - offset)});
        at += count;
        rest >>= count;
    }
    return runs;
}

PartialPiece::PartialPiece(std::uint32_t size, std::uint32_t data)
    : size_(size),
      data_(data > 0 ? data : size),
      segments_(static_cast<std::size_t>(metainfo::units(size, segment_bytes))) {}

std::uint32_t PartialPiece::segment_size(std::uint32_t segment) const {
    return std::min(segment_bytes, size_ - segment * segment_bytes);
}

bool PartialPiece::has(BlockIndex block) const {
    const auto& segment = segments_[segment_of(block)];
    return ((segment.in_memory | segment.on_disk) & bit_of(block)) != 0;
}

bool PartialPiece::begun_in_segment(BlockIndex block) const {
    return std::ranges::any_of(open_,
                               [&](const OpenBlock& open) { return open.block == block && !open.side; });
}

// Where the block's bytes go in its segment.
std::uint8_t* PartialPiece::place(BufferBudget& budget, BlockIndex block, bool& opened) {
    auto& segment = segments_[segment_of(block)];
    if (!segment.buffer) {
        segment.buffer = budget.take(segment_size(segment_of(block)));
        opened = true;
    }
    return segment.buffer.data() + offset_in_segment(block);
}

PartialPiece::OpenBlock* PartialPiece::begin(BufferBudget& budget, Source source, BlockIndex block) {
    OpenBlock open{block, source, 0, {}};
    if (begun_in_segment(block)) {
        const auto sides =
            std::ranges::count_if(open_, [](const OpenBlock& other) { return bool(other.side); });
        if (static_cast<std::size_t>(sides) >= sides_max) return nullptr;
        open.side = budget.take(metainfo::block_size);
    }
    return &open_.emplace_back(std::move(open));
}

void PartialPiece::finish(BlockIndex block) {
    segments_[segment_of(block)].in_memory |= bit_of(block);
    std::erase_if(open_, [&](const OpenBlock& open) { return open.block == block; });
}

PartialPiece::Taken PartialPiece::write(BufferBudget& budget, Source source, std::uint32_t offset,
                                        Bytes bytes, bool& opened) {
    budget_ = &budget;
    const BlockIndex block(offset / metainfo::block_size);
    const auto at = offset % metainfo::block_size;
    SPATE_ASSERT(offset < size_ && at + bytes.size() <= metainfo::block_length(size_, block));
    if (offset >= data_ || has(block)) return Taken::dropped;
    bytes = bytes.first(std::min<std::size_t>(bytes.size(), data_ - offset));
    if (bytes.size() == block_size_of(block)) {  // whole, as most are
        std::memcpy(place(budget, block, opened), bytes.data(), bytes.size());
        finish(block);
        return Taken::block;
    }
    const auto found = std::ranges::find_if(
        open_, [&](const OpenBlock& open) { return open.block == block && open.source == source; });
    OpenBlock* open = found == open_.end() ? nullptr : &*found;
    if (open != nullptr && at == 0) open->filled = 0;  // that source sends it once more
    if (open == nullptr && at == 0) open = begin(budget, source, block);
    if (open == nullptr || open->filled != at) return Taken::dropped;
    auto* const target = open->side ? open->side.data() : place(budget, block, opened);
    std::memcpy(target + at, bytes.data(), bytes.size());
    open->filled += static_cast<std::uint32_t>(bytes.size());
    if (open->filled < block_size_of(block)) return Taken::part;
    if (open->side) std::memcpy(place(budget, block, opened), target, block_size_of(block));
    finish(block);
    return Taken::block;
}

void PartialPiece::forget(Source source) {
    std::erase_if(open_, [&](const OpenBlock& open) { return open.source == source; });
}

Segment PartialPiece::take_segment(std::uint32_t index) {
    auto& segment = segments_[index];
    Segment taken{std::move(segment.buffer), segment.in_memory, 0};
    segment.buffer = {};
    segment.in_memory = 0;
    for (auto& open : open_) {  // what is half there stays
        if (open.side || segment_of(open.block) != index || open.filled == 0) continue;
        open.side = budget_->take(metainfo::block_size);
        std::memcpy(open.side.data(), taken.buffer.data() + offset_in_segment(open.block), open.filled);
    }
    return taken;
}

std::vector<Segment> PartialPiece::take_all() {
    open_.clear();
    return std::exchange(segments_, {});
}

void PartialPiece::put_back(std::uint32_t index, Segment taken) {
    auto& segment = segments_[index];
    if (!segment.buffer) {
        segment.buffer = std::move(taken.buffer);
        segment.in_memory = taken.in_memory;
        return;
    }
    // Blocks came meanwhile.
    const auto missing = static_cast<BlockBits>(taken.in_memory & ~segment.in_memory);
    for (const auto& run : runs_of(missing, segment_size(index)))
        std::memcpy(segment.buffer.data() + run.offset, taken.buffer.data() + run.offset, run.size);
    for (std::uint32_t i = 0; i < segment_blocks; ++i)
        if ((missing >> i & 1U) != 0) finish(BlockIndex(index * segment_blocks + i));
}

bool PartialPiece::any_on_disk() const {
    return std::ranges::any_of(segments_, [](const Segment& segment) { return segment.on_disk != 0; });
}

std::vector<bool> PartialPiece::blocks_on_disk() const {
    std::vector<bool> blocks(metainfo::units(data_, metainfo::block_size));
    for (std::uint32_t i = 0; i < blocks.size(); ++i)
        blocks[i] = (segments_[segment_of(BlockIndex(i))].on_disk & bit_of(BlockIndex(i))) != 0;
    return blocks;
}

void PartialPiece::set_on_disk(const std::vector<bool>& blocks) {
    for (std::uint32_t i = 0; i < blocks.size(); ++i)
        if (blocks[i]) segments_[segment_of(BlockIndex(i))].on_disk |= bit_of(BlockIndex(i));
}

}  // namespace spate::piece_store
