#include "swarm/begun_pieces.h"

#include <algorithm>

#include "base/assert.h"

namespace spate::swarm {

BegunPieces::Slot BegunPieces::begin(PieceIndex piece) {
    if (spare_.empty()) {
        spare_.push_back(static_cast<Slot>(slots_.size()));
        slots_.emplace_back();
    }
    const auto slot = spare_.back();
    spare_.pop_back();
    pieces_.begun(piece, slot);
    const auto size = pieces_.request_bytes(piece);
    auto& begun = slots_[slot];
    auto blocks = std::move(begun.blocks);
    blocks.assign(metainfo::block_count(size), block_free);
    begun = Begun{.piece = piece, .size = size, .blocks = std::move(blocks)};
    begun.free = begun.block_count();
    update_open(slot);
    return slot;
}

bool BegunPieces::restore(PieceIndex piece, const std::vector<bool>& blocks) {
    const auto count = metainfo::block_count(pieces_.request_bytes(piece));
    if (pieces_[piece].phase != Phase::fresh || full() || blocks.size() != count) return false;
    SPATE_ASSERT(std::ranges::find(blocks, false) != blocks.end());
    const auto slot = begin(piece);
    set_wanted(slot, pieces_[piece].priority > 0);
    for (BlockIndex block; block.value < count; ++block)
        if (blocks[block.value]) receive(slot, block);
    return true;
}

void BegunPieces::end(Slot slot) {
    auto& begun = slots_[slot];
    if (begun.extras > 0)
        std::erase_if(extras_, [&](const Extra& extra) { return extra.piece == begun.piece; });
    begun.extras = 0;
    begun.free = 0;
    begun.received = 0;
    begun.owner = none;
    update_open(slot);
    begun.blocks.clear();
    spare_.push_back(slot);
}

void BegunPieces::end_if_untouched(Slot slot) {
    const auto& begun = slots_[slot];
    if (!begun.untouched() || begun.one_peer) return;
    const auto piece = begun.piece;
    end(slot);
    pieces_.fresh_again(piece);
}

void BegunPieces::failed(PieceIndex piece) {
    const auto slot = slot_of(piece);
    if (slot == none) return;
    free_received(slot);
    auto& begun = slots_[slot];
    begun.owner = none;
    begun.one_peer = true;
    begun.alone_since.reset();
}

void BegunPieces::given_up(PieceIndex piece) {
    const auto slot = slot_of(piece);
    if (slot == none) return;
    free_received(slot);
    slots_[slot].owner = none;
    end_if_untouched(slot);
}

void BegunPieces::block_failed(const BlockRequest& request) {
    if (!pieces_.is_block(request)) return;
    if (const auto slot = slot_of(request.piece); slot != none) free_if_received(slot, request.block());
}

void BegunPieces::free_received(Slot slot) {
    for (BlockIndex block; block.value < slots_[slot].block_count(); ++block) free_if_received(slot, block);
}

void BegunPieces::free_if_received(Slot slot, BlockIndex block) {
    if (slots_[slot].blocks[block.value] == block_received) free(slot, block);
}

bool BegunPieces::all_asked() const {
    return pieces_.order().fresh().none() && open_.empty() && !pieces_.wanted().none();
}

bool BegunPieces::any_with_nobody() const {
    return std::ranges::any_of(slots_, [&](const Begun& begun) {
        return begun.block_count() > 0 && begun.received < begun.block_count() &&
               pieces_.wanted().has(begun.piece) && pieces_[begun.piece].availability == 0;
    });
}

std::uint64_t BegunPieces::blocks_there() const {
    std::uint64_t there = 0;
    for (const auto& begun : slots_)
        if (begun.wanted) there += begun.received;
    return there;
}

bool BegunPieces::needed(const BlockRequest& request) const {
    if (!pieces_.is_block(request)) return false;
    const auto slot = slot_of(request.piece);
    return slot != none && slots_[slot].blocks[request.block().value] != block_received;
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

bool BegunPieces::receive(Slot slot, BlockIndex block) {
    auto& begun = slots_[slot];
    auto& state = begun.blocks[block.value];
    SPATE_ASSERT(state != block_received);
    if (state == block_free) --begun.free;
    state = block_received;
    ++begun.received;
    update_open(slot);
    if (begun.received < begun.block_count()) return false;
    pieces_.complete(begun.piece);
    return true;
}

void BegunPieces::free(Slot slot, BlockIndex block) {
    auto& begun = slots_[slot];
    auto& state = begun.blocks[block.value];
    SPATE_ASSERT(state != block_free);
    if (state == block_received) {
        --begun.received;
        pieces_.incomplete(begun.piece);
    }
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
