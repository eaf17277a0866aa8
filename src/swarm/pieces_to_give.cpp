#include "swarm/pieces_to_give.h"

namespace spate::swarm {

PiecesToGive::PiecesToGive(std::uint32_t count, Rng& rng)
    : holders_(count),
      given_to_(count, nobody),
      to_give_(count, true),
      cursor_(static_cast<std::uint32_t>(rng.below(count))) {}

PieceIndex PiecesToGive::next() {
    auto piece = to_give_.next_set(cursor_);
    if (!piece) piece = to_give_.next_set(PieceIndex(0));
    cursor_ = PieceIndex((piece->value + 1) % to_give_.size());
    return *piece;
}

PieceIndex PiecesToGive::far_from_next(std::uint32_t number) const {
    return PieceIndex((cursor_.value + to_give_.size() / 2 + number) % to_give_.size());
}

bool PiecesToGive::give(PieceIndex piece, PeerKey to) {
    if (!to_give_.reset(piece)) return false;
    given_to_[piece.value] = to.value;
    return true;
}

void PiecesToGive::take_back(PieceIndex piece) {
    given_to_[piece.value] = nobody;
    add_if_without_holders(piece);
}

std::optional<PeerKey> PiecesToGive::add_holder(PieceIndex piece) {
    ++holders_[piece.value];
    to_give_.reset(piece);
    const auto giver = given_to_[piece.value];
    return giver == nobody ? std::nullopt : std::optional(PeerKey(giver));
}

void PiecesToGive::remove_holder(PieceIndex piece) {
    --holders_[piece.value];
    add_if_without_holders(piece);
}

void PiecesToGive::add_if_without_holders(PieceIndex piece) {
    if (holders_[piece.value] == 0 && !closed_) to_give_.set(piece);
}

}  // namespace spate::swarm
