#include "swarm/piece_map.h"

#include "base/assert.h"

namespace spate::swarm {

PieceMap::PieceMap(const metainfo::FileLayout& layout)
    : layout_(layout),
      pieces_(layout.piece_count(), Piece{.priority = priority_normal}),
      have_(layout.piece_count()),
      wanted_(layout.piece_count(), true),
      order_(layout.piece_count()) {}

std::uint32_t PieceMap::request_bytes(PieceIndex piece) const {
    const auto data = layout_.piece_data_size(piece);
    return data > 0 ? data : layout_.piece_size(piece);  // nothing but pads: asked for as it stands
}

bool PieceMap::is_block(const BlockRequest& request) const {
    if (request.piece.value >= pieces_.size() || request.offset % metainfo::block_size != 0) return false;
    const auto size = request_bytes(request.piece);
    return request.offset < size && request.length == metainfo::block_length(size, request.block());
}

std::uint64_t PieceMap::blocks_of_wanted() const {
    return wanted_.count() * metainfo::units(layout_.piece_length(), metainfo::block_size);
}

void PieceMap::begun(PieceIndex piece, std::uint32_t note) {
    auto& state = pieces_[piece.value];
    order_.remove(piece, state);
    state.phase = Phase::begun;
    order_.set_note(piece, note);
}

void PieceMap::fresh_again(PieceIndex piece) {
    auto& state = pieces_[piece.value];
    state.phase = Phase::fresh;
    order_.insert(piece, state);
}

bool PieceMap::verified(PieceIndex piece) {
    auto& state = pieces_[piece.value];
    order_.remove(piece, state);
    state.phase = Phase::verified;
    have_.set(piece);
    return wanted_.reset(piece);
}

bool PieceMap::lost(PieceIndex piece) {
    have_.reset(piece);
    fresh_again(piece);
    return pieces_[piece.value].priority > 0 && wanted_.set(piece);
}

void PieceMap::set_priorities(std::span<const Priority> of_all_pieces) {
    SPATE_ASSERT(of_all_pieces.size() == pieces_.size());
    for (PieceIndex piece; piece.value < pieces_.size(); ++piece) {
        auto& state = pieces_[piece.value];
        state.priority = of_all_pieces[piece.value];
        SPATE_ASSERT(state.priority <= priority_max);
        state.priority > 0 && state.phase != Phase::verified ? wanted_.set(piece) : wanted_.reset(piece);
    }
    order_.restart(pieces_);
}

void PieceMap::count_peer(PieceIndex piece, bool more) {
    auto& state = pieces_[piece.value];
    const auto before = state.availability;
    state.availability = static_cast<std::uint16_t>(more ? before + 1 : before - 1);
    order_.moved(piece, state, before);
}

void PieceMap::count_bitfield(const metainfo::Bitfield& has, bool more) {
    constexpr std::uint32_t few = 16;  // one in so many: moving them costs less than sorting all anew
    if (has.count() > pieces_.size() / few) order_.set_stale();
    for (auto piece = has.next_set(PieceIndex(0)); piece; piece = has.next_set(piece->next()))
        count_peer(*piece, more);
}

}  // namespace spate::swarm
