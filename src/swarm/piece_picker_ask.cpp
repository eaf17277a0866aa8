// PiecePicker: choosing what to ask for.
#include <algorithm>
#include <bit>
#include <cstring>
#include <tuple>

#include "base/assert.h"
#include "swarm/piece_picker_asking.h"

namespace spate::swarm {

namespace {

// Eight octets of a bitfield with its first piece in the highest bit.
std::uint64_t word_at(Bytes bytes, std::size_t word) {
    std::uint64_t value = 0;
    const auto from = word * 8;
    std::memcpy(&value, bytes.data() + from, std::min<std::size_t>(8, bytes.size() - from));
    if constexpr (std::endian::native == std::endian::little) value = std::byteswap(value);
    return value;
}

// Calls `take(piece)` for each piece set in both (`has` may be empty: everything), from the word `first` on
// and around, until it returns true.
template <class Take>
void walk_both(const metainfo::Bitfield& fresh, const metainfo::Bitfield& has, std::size_t first, Take take) {
    const auto words = metainfo::units(fresh.bytes().size(), 8);
    for (std::size_t i = 0; i < words; ++i) {
        const auto word = (first + i) % words;
        auto both = word_at(fresh.bytes(), word);
        if (both != 0 && has.size() > 0) both &= word_at(has.bytes(), word);
        while (both != 0) {
            const auto bit = static_cast<unsigned>(std::countl_zero(both));
            both &= ~(std::uint64_t{1} << (63 - bit));
            if (take(PieceIndex(static_cast<std::uint32_t>(word * 64 + bit)))) return;
        }
    }
}

}  // namespace

bool PiecePicker::may_ask(const Ask& ask, PieceIndex piece) const {
    return peer_has_piece(ask.peer, piece) &&
           (piece != ask.peer.avoided || ask.now >= ask.peer.avoided_until);
}

std::span<const PeerBlock> PiecePicker::pick(PeerKey key, std::uint32_t wanted, PickMode mode, TimePoint now,
                                             Rng& rng, std::vector<BlockRequest>& out) {
    cancel_.clear();
    if (wanted == 0 || !interesting(key)) return {};
    if (order_stale_) {
        order_.rebuild(pieces_);
        order_stale_ = false;
    }
    Ask ask{key, peer_at(key), wanted, mode, now, &rng, out};
    if (now < ask.peer.paused_until) return {};
    if (!deadlines_.empty()) ask_deadlines(ask);
    while (ask.left > 0) {
        auto slot = best_begun(ask, false);
        if (!slot)
            if (const auto piece = best_new(ask)) slot = begin(*piece);
        if (!slot) slot = best_begun(ask, true);
        if (!slot || ask_free(*slot, ask) == 0) break;
    }
    if (ask.left > 0) help_others(ask);
    return cancel_;
}

void PiecePicker::pick_of(std::span<const PieceIndex> pieces, PeerKey key, std::uint32_t wanted,
                          TimePoint now, std::vector<BlockRequest>& out) {
    Ask ask{key, peer_at(key), wanted, PickMode::spread, now, nullptr, out};
    for (const auto piece : pieces) ask_piece(piece, ask);
}

void PiecePicker::ask_piece(PieceIndex piece, Ask& ask) {
    if (ask.left == 0 || !is_wanted(piece) || !may_ask(ask, piece)) return;
    if (pieces_[piece.value].phase == Phase::complete) return;
    if (pieces_[piece.value].phase == Phase::fresh && begun_.count() >= begun_max) return;
    const auto slot = pieces_[piece.value].phase == Phase::fresh ? begin(piece) : slot_of(piece);
    const auto& begun = begun_[slot];
    if (!begun.one_peer || begun.owner == BegunPieces::none || begun.owner == ask.key.value ||
        is_held_back(begun, ask))
        ask_free(slot, ask);
}

// Left to one peer alone, which needs long for the rest while this one is much faster; or for too long.
bool PiecePicker::is_held_back(const BegunPieces::Begun& begun, const Ask& ask) const {
    if (!begun.one_peer || begun.owner == BegunPieces::none || begun.owner == ask.key.value) return false;
    if (begun.alone_since && ask.now - *begun.alone_since >= one_peer_patience) return true;
    const std::size_t rest = begun.block_count() - begun.received;
    const auto theirs = time_for(peers_[begun.owner], rest);
    return theirs >= one_peer_time && theirs > time_for(ask.peer, rest) * 10;
}

PiecePicker::Slot PiecePicker::begin(PieceIndex piece) {
    leave_order(piece);
    pieces_[piece.value].phase = Phase::begun;
    const auto slot = begun_.begin(piece, request_bytes(piece));
    order_.set_note(piece, slot);
    return slot;
}

std::uint32_t PiecePicker::ask_free(Slot slot, Ask& ask) {
    std::uint32_t asked = 0;
    const bool untouched = begun_[slot].untouched();
    for (auto block = begun_.next_free(slot, BlockIndex(0), ask.key); block && ask.left > 0;
         block = begun_.next_free(slot, block->next(), ask.key)) {
        begun_.ask(slot, *block, ask.key);
        ask.peer.requests.add({begun_[slot].piece, *block, ask.now});
        ask.out.push_back(begun_.request(slot, *block));
        --ask.left;
        ++asked;
    }
    if (asked > 0 && (begun_[slot].one_peer || (untouched && ask.mode == PickMode::whole)))
        begun_.set_owner(slot, ask.key.value);
    if (asked > 0 && begun_[slot].one_peer) begun_.left_alone(slot, ask.now);
    return asked;
}

// Pieces begun that have free blocks. Those left to another peer count only with `of_others`.
std::optional<PiecePicker::Slot> PiecePicker::best_begun(const Ask& ask, bool of_others) const {
    std::optional<Slot> best;
    std::tuple<bool, std::uint32_t, std::uint32_t> best_score;
    for (const auto slot : begun_.open()) {
        const auto& begun = begun_[slot];
        const bool own = begun.owner == ask.key.value;
        const bool of_another = !own && begun.owner != BegunPieces::none;
        if (of_another != of_others || !may_ask(ask, begun.piece)) continue;
        if (of_another && begun.one_peer && !is_held_back(begun, ask)) continue;
        const std::tuple score{own, static_cast<std::uint32_t>(pieces_[begun.piece.value].priority),
                               ~(sequential_ ? begun.piece.value : begun.free)};
        if (best && score <= best_score) continue;
        best = slot;
        best_score = score;
    }
    return best;
}

std::optional<PieceIndex> PiecePicker::best_new(Ask& ask) {
    if (order_.size() == 0 || ask.peer.nothing_new == news_ || begun_.count() >= begun_max)
        return std::nullopt;
    std::optional<PieceIndex> piece;
    if (sequential_) {
        walk_both(fresh_, ask.peer.has, 0, [&](PieceIndex candidate) {
            if (may_ask(ask, candidate)) piece = candidate;
            return piece.has_value();
        });
    } else {
        piece = suggested(ask);
        if (!piece && have_.count() < random_first_pieces) piece = any_in_order(ask);
        if (!piece) piece = best_in_order(ask);
        if (!piece) piece = best_in_bitfields(ask);
    }
    if (!piece && ask.now >= ask.peer.avoided_until) ask.peer.nothing_new = news_;
    return piece;
}

std::optional<PieceIndex> PiecePicker::suggested(Ask& ask) const {
    auto& suggested = ask.peer.suggested;
    if (suggested.empty()) return std::nullopt;
    std::erase_if(suggested, [&](PieceIndex piece) { return !fresh_.has(piece); });
    auto highest = PieceOrder::priority_count - 1;
    while (highest > 0 && order_.of_priority(highest).empty()) --highest;
    for (auto i = suggested.size(); i > 0; --i) {
        const auto piece = suggested[i - 1];
        if (pieces_[piece.value].priority == highest && may_ask(ask, piece)) return piece;
    }
    return std::nullopt;
}

std::optional<PieceIndex> PiecePicker::any_in_order(const Ask& ask) const {
    constexpr int tries_max = 16;
    for (auto priority = PieceOrder::priority_count - 1; priority > 0; --priority) {
        const auto pieces = order_.of_priority(priority);
        for (int tries = 0; tries < tries_max && !pieces.empty(); ++tries) {
            const PieceIndex piece(pieces[ask.rng->below(pieces.size())]);
            if (may_ask(ask, piece)) return piece;
        }
        if (!pieces.empty()) break;
    }
    return std::nullopt;
}

std::optional<PieceIndex> PiecePicker::best_in_order(const Ask& ask) const {
    auto scans = scan_max;
    for (auto priority = PieceOrder::priority_count - 1; priority > 0; --priority) {
        if (order_.of_priority(priority).empty()) continue;
        for (std::uint32_t rank = 0; rank < PieceOrder::rank_count; ++rank) {
            const auto equals = order_.of_rank(priority, rank);
            if (equals.empty()) continue;
            auto at = ask.rng->below(equals.size());
            for (std::size_t i = 0; i < equals.size(); ++i) {
                const PieceIndex piece(equals[at]);
                if (may_ask(ask, piece)) return piece;
                if (--scans == 0) return std::nullopt;
                if (++at == equals.size()) at = 0;
            }
        }
    }
    return std::nullopt;
}

// For a peer that has little of what comes first: the best of at most scan_max of its pieces.
std::optional<PieceIndex> PiecePicker::best_in_bitfields(const Ask& ask) const {
    std::optional<PieceIndex> best;
    std::pair<std::uint32_t, std::uint32_t> best_score;
    auto scans = scan_max;
    const auto words = metainfo::units(fresh_.bytes().size(), 8);
    walk_both(fresh_, ask.peer.has, ask.rng->below(words), [&](PieceIndex piece) {
        const auto& state = pieces_[piece.value];
        const std::pair score{static_cast<std::uint32_t>(state.priority), ~std::uint32_t{state.availability}};
        if (may_ask(ask, piece) && (!best || score > best_score)) {
            best = piece;
            best_score = score;
        }
        return --scans == 0;
    });
    return best;
}

bool PiecePicker::end_game() const {
    return fresh_.none() && begun_.open().empty() && !wanted_.none();
}

}  // namespace spate::swarm
