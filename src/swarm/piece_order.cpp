#include "swarm/piece_order.h"

#include <algorithm>
#include <bit>

#include "base/assert.h"

namespace spate::swarm {

std::uint32_t PieceOrder::rank_of(std::uint32_t availability) {
    if (availability < 32) return availability;
    const auto octave = static_cast<std::uint32_t>(std::bit_width(availability)) - 6;  // 32 to 63: 0
    const auto quarter = availability >> (octave + 3) & 3U;
    return std::min(32 + octave * 4 + quarter, rank_count - 1);
}

void PieceOrder::put(Class& in, std::uint32_t at, std::uint32_t piece) {
    in.pieces[at] = piece;
    place_[piece] = at;
}

void PieceOrder::restart(std::span<const Piece> pieces) {
    stale_ = true;
    ++news_;
    for (PieceIndex piece; piece.value < pieces.size(); ++piece)
        pieces[piece.value].in_order() ? fresh_.set(piece) : fresh_.reset(piece);
}

void PieceOrder::rebuild(std::span<const Piece> pieces) {
    std::array<std::array<std::uint32_t, rank_count>, priority_count> counts{};
    for (const auto& piece : pieces)
        if (piece.in_order()) ++counts[piece.priority][rank_of(piece.availability)];
    size_ = 0;
    for (std::size_t c = 0; c < priority_count; ++c) {
        auto& in = classes_[c];
        std::uint32_t total = 0;
        for (std::size_t rank = 0; rank < rank_count; ++rank) {
            in.begin[rank] = total;
            total += counts[c][rank];
            counts[c][rank] = in.begin[rank];  // where the next one goes
        }
        in.begin[rank_count] = total;
        in.pieces.resize(total);
        size_ += total;
    }
    for (std::uint32_t i = 0; i < pieces.size(); ++i) {
        const auto& piece = pieces[i];
        if (!piece.in_order()) continue;
        put(classes_[piece.priority], counts[piece.priority][rank_of(piece.availability)]++, i);
    }
    stale_ = false;
}

void PieceOrder::insert(PieceIndex piece, const Piece& state) {
    if (!state.in_order()) return;
    fresh_.set(piece);
    ++news_;
    if (stale_) return;
    auto& in = classes_[state.priority];
    auto hole = static_cast<std::uint32_t>(in.pieces.size());
    in.pieces.push_back(piece.value);
    ++in.begin[rank_count];
    for (auto rank = rank_count - 1; rank > rank_of(state.availability); --rank) {
        if (in.begin[rank] != hole) put(in, hole, in.pieces[in.begin[rank]]);
        hole = in.begin[rank]++;
    }
    put(in, hole, piece.value);
    ++size_;
}

void PieceOrder::remove(PieceIndex piece, const Piece& state) {
    if (!state.in_order()) return;
    fresh_.reset(piece);
    if (stale_) return;
    auto& in = classes_[state.priority];
    auto hole = place_[piece.value];
    SPATE_ASSERT(hole < in.pieces.size() && in.pieces[hole] == piece.value);
    for (auto rank = rank_of(state.availability) + 1; rank <= rank_count; ++rank) {
        const auto last = --in.begin[rank];
        if (last != hole) put(in, hole, in.pieces[last]);
        hole = last;
    }
    in.pieces.pop_back();
    --size_;
}

void PieceOrder::move(PieceIndex piece, const Piece& state, std::uint32_t before) {
    auto& in = classes_[state.priority];
    auto rank = rank_of(before);
    const auto wanted = rank_of(state.availability);
    while (rank < wanted) {  // to the end of its rank, which then ends before it
        const auto last = --in.begin[++rank];
        const auto here = place_[piece.value];
        put(in, here, in.pieces[last]);
        put(in, last, piece.value);
    }
    while (rank > wanted) {
        const auto first = in.begin[rank--]++;
        const auto here = place_[piece.value];
        put(in, here, in.pieces[first]);
        put(in, first, piece.value);
    }
}

bool PieceOrder::any_with_nobody(std::span<const Piece> pieces) const {
    if (stale_) {
        for (auto piece = fresh_.next_set(PieceIndex(0)); piece; piece = fresh_.next_set(piece->next()))
            if (pieces[piece->value].availability == 0) return true;
        return false;
    }
    for (std::uint32_t priority = 1; priority < priority_count; ++priority)
        if (!of_rank(priority, 0).empty()) return true;
    return false;
}

std::span<const std::uint32_t> PieceOrder::of_rank(std::uint32_t priority, std::uint32_t rank) const {
    const auto& in = classes_[priority];
    return std::span(in.pieces).subspan(in.begin[rank], in.begin[rank + 1] - in.begin[rank]);
}

}  // namespace spate::swarm
