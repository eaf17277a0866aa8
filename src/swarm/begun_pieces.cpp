#include "swarm/begun_pieces.h"

#include <algorithm>

#include "base/assert.h"

namespace spate::swarm {

BegunPieces::Slot BegunPieces::begin(PieceIndex piece, std::uint32_t size) {
    if (spare_.empty()) {
        spare_.push_back(static_cast<Slot>(slots_.size()));
        slots_.emplace_back();
    }
    const auto slot = spare_.back();
    spare_.pop_back();
    auto& begun = slots_[slot];
    auto blocks = std::move(begun.blocks);
    blocks.resize(metainfo::block_count(size));
    begun = Begun{.piece = piece, .size = size, .blocks = std::move(blocks)};
    restart(slot);
    return slot;
}

void BegunPieces::end(Slot slot) {
    auto& begun = slots_[slot];
    if (begun.extras > 0)
        std::erase_if(extras_, [&](const Extra& extra) { return extra.piece == begun.piece; });
    begun.extras = 0;
    begun.free = 0;
    begun.owner = none;
    update_open(slot);
    begun.blocks.clear();
    spare_.push_back(slot);
}

void BegunPieces::restart(Slot slot) {
    auto& begun = slots_[slot];
    std::ranges::fill(begun.blocks, block_free);
    begun.free = begun.block_count();
    begun.received = 0;
    begun.first_free = 0;
    begun.owner = none;
    update_open(slot);
}

void BegunPieces::update_open(Slot slot) {
    auto& begun = slots_[slot];
    const bool open = begun.wanted && begun.free > 0;
    if (open == (begun.open_at != none)) return;
    if (open) {
        begun.open_at = static_cast<std::uint32_t>(open_.size());
        open_.push_back(slot);
        return;
    }
    slots_[open_.back()].open_at = begun.open_at;
    open_[begun.open_at] = open_.back();
    open_.pop_back();
    begun.open_at = none;
}

std::optional<BlockIndex> BegunPieces::next_free(Slot slot, BlockIndex from, PeerKey peer) const {
    const auto& begun = slots_[slot];
    for (auto block = std::max(from, BlockIndex(begun.first_free)); block.value < begun.block_count();
         ++block)
        if (begun.blocks[block.value] == block_free && !has_extra(slot, block, peer)) return block;
    return std::nullopt;
}

void BegunPieces::ask(Slot slot, BlockIndex block, PeerKey peer) {
    auto& begun = slots_[slot];
    SPATE_ASSERT(begun.blocks[block.value] == block_free && peer.value < block_received);
    begun.blocks[block.value] = peer.value;
    if (block.value == begun.first_free) ++begun.first_free;
    --begun.free;
    update_open(slot);
}

void BegunPieces::receive(Slot slot, BlockIndex block) {
    auto& begun = slots_[slot];
    auto& state = begun.blocks[block.value];
    SPATE_ASSERT(state != block_received);
    if (state == block_free) --begun.free;
    state = block_received;
    ++begun.received;
    update_open(slot);
}

void BegunPieces::free(Slot slot, BlockIndex block) {
    auto& begun = slots_[slot];
    auto& state = begun.blocks[block.value];
    SPATE_ASSERT(state != block_free);
    if (state == block_received) --begun.received;
    state = block_free;
    ++begun.free;
    begun.first_free = std::min(begun.first_free, block.value);
    update_open(slot);
}

void BegunPieces::set_wanted(Slot slot, bool wanted) {
    slots_[slot].wanted = wanted;
    update_open(slot);
}

void BegunPieces::disown(PeerKey peer) {
    for (auto& begun : slots_)
        if (begun.owner == peer.value) begun.owner = none;
}

void BegunPieces::add_extra(Slot slot, BlockIndex block, PeerKey peer) {
    extras_.push_back({slots_[slot].piece, block, peer});
    ++slots_[slot].extras;
}

bool BegunPieces::remove_extra(Slot slot, BlockIndex block, PeerKey peer) {
    auto& begun = slots_[slot];
    if (begun.extras == 0) return false;
    const auto found = std::ranges::find_if(extras_, [&](const Extra& extra) {
        return extra.piece == begun.piece && extra.block == block && extra.peer == peer;
    });
    if (found == extras_.end()) return false;
    *found = extras_.back();
    extras_.pop_back();
    --begun.extras;
    return true;
}

std::uint32_t BegunPieces::extras_of(Slot slot, BlockIndex block) const {
    const auto& begun = slots_[slot];
    if (begun.extras == 0) return 0;
    return static_cast<std::uint32_t>(std::ranges::count_if(
        extras_, [&](const Extra& extra) { return extra.piece == begun.piece && extra.block == block; }));
}

bool BegunPieces::has_extra(Slot slot, BlockIndex block, PeerKey peer) const {
    const auto& begun = slots_[slot];
    if (begun.extras == 0) return false;
    return std::ranges::any_of(extras_, [&](const Extra& extra) {
        return extra.piece == begun.piece && extra.block == block && extra.peer == peer;
    });
}

BlockRequest BegunPieces::request(Slot slot, BlockIndex block) const {
    const auto& begun = slots_[slot];
    return {begun.piece, metainfo::block_offset(block), metainfo::block_length(begun.size, block)};
}

}  // namespace spate::swarm
