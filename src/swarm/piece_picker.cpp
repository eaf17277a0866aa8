#include "swarm/piece_picker.h"

#include <algorithm>

#include "base/assert.h"

namespace spate::swarm {

void PiecePicker::set_have(const metainfo::Bitfield& have) {
    SPATE_ASSERT(have.size() == pieces_.count());
    for (auto piece = have.next_set(PieceIndex(0)); piece; piece = have.next_set(piece->next()))
        verified(*piece);
}

std::uint64_t PiecePicker::missing_blocks() const {
    const auto all = pieces_.blocks_of_wanted();
    return all - std::min(all, begun_.blocks_there());
}

void PiecePicker::set_priorities(std::span<const Priority> of_all_pieces) {
    pieces_.set_priorities(of_all_pieces);
    for (PieceIndex piece; piece.value < pieces_.count(); ++piece)
        if (const auto slot = begun_.slot_of(piece); slot != BegunPieces::none)
            begun_.set_wanted(slot, priority(piece) > 0);
    peers_.recount_wanted();
}

void PiecePicker::set_deadline(PieceIndex piece, TimePoint deadline) {
    deadlines_.set(piece, pieces_[piece].phase == Phase::verified ? never : deadline);
}

void PiecePicker::verified(PieceIndex piece) {
    if (pieces_[piece].phase == Phase::verified) return;
    if (const auto slot = begun_.slot_of(piece); slot != BegunPieces::none) begun_.end(slot);
    if (pieces_.verified(piece)) peers_.count_wanted(piece, false);
    deadlines_.set(piece, never);
}

void PiecePicker::failed(PieceIndex piece) {
    if (pieces_[piece].phase == Phase::verified) return lost(piece);
    begun_.failed(piece);
}

void PiecePicker::given_up(PieceIndex piece) {
    if (pieces_[piece].phase == Phase::verified) return lost(piece);
    begun_.given_up(piece);
}

void PiecePicker::lost(PieceIndex piece) {
    if (pieces_[piece].phase == Phase::verified && pieces_.lost(piece)) peers_.count_wanted(piece, true);
}

void PiecePicker::peer_gone(PeerKey peer) {
    requests_.peer_gone(peer);
    peers_.gone(peer);
}

bool PiecePicker::all_available() const {
    return seeds() > 0 || (!pieces_.any_with_nobody() && !begun_.any_with_nobody());
}

std::span<const PeerBlock> PiecePicker::pick(PeerKey peer, std::uint32_t wanted, PickMode mode, TimePoint now,
                                             Rng& rng, std::vector<BlockRequest>& out) {
    requests_.clear_cancelled();
    if (wanted == 0 || !interesting(peer)) return {};
    pieces_.sort();
    Ask ask{peer, peers_.at(peer), wanted, mode, now, &rng, out};
    if (now < ask.peer.rejects.paused_until) return {};
    ask_deadlines(ask);
    while (ask.left > 0) {
        auto slot = choice_.best_begun(ask, false);
        if (!slot)
            if (const auto piece = choice_.best_new(ask)) slot = begun_.begin(*piece);
        if (!slot) slot = choice_.best_begun(ask, true);
        if (!slot || requests_.ask_free(*slot, ask) == 0) break;
    }
    if (ask.left > 0) end_game_.help_others(ask);
    return requests_.cancelled();
}

void PiecePicker::pick_of(std::span<const PieceIndex> pieces, PeerKey peer, std::uint32_t wanted,
                          TimePoint now, std::vector<BlockRequest>& out) {
    Ask ask{peer, peers_.at(peer), wanted, PickMode::spread, now, nullptr, out};
    for (const auto piece : pieces) ask_piece(piece, ask);
}

void PiecePicker::ask_piece(PieceIndex piece, Ask& ask) {
    if (ask.left == 0 || !pieces_.wanted().has(piece) || !ask.may(piece)) return;
    if (pieces_[piece].phase == Phase::complete) return;
    if (pieces_[piece].phase == Phase::fresh && begun_.full()) return;
    const auto slot = pieces_[piece].phase == Phase::fresh ? begun_.begin(piece) : begun_.slot_of(piece);
    if (!requests_.is_left_to_another(begun_[slot], ask)) requests_.ask_free(slot, ask);
}

void PiecePicker::ask_deadlines(Ask& ask) {
    constexpr std::size_t pieces_hurried = 4;
    const auto deadlines = deadlines_.soonest_first();
    for (std::size_t i = 0; i < deadlines.size() && ask.left > 0; ++i) {
        ask_piece(deadlines[i].piece, ask);
        if (i < pieces_hurried) end_game_.hurry(deadlines[i].piece, deadlines[i].at, ask);
    }
}

void PiecePicker::set_speed(PeerKey key, std::uint64_t bytes_per_second, bool snubbed, Duration answer_time) {
    auto& pace = peers_.at(key).pace;
    pace.speed = bytes_per_second;
    pace.answer_time = answer_time;
    pace.snubbed = snubbed;
    if (snubbed) requests_.snubbed(key);
}

}  // namespace spate::swarm
