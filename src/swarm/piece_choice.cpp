#include "swarm/piece_choice.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <tuple>
#include <utility>

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

std::optional<PieceChoice::Slot> PieceChoice::best_begun(const Ask& ask, bool of_others) const {
    std::optional<Slot> best;
    std::tuple<bool, std::uint32_t, std::uint32_t> best_score;
    for (const auto slot : begun_.open()) {
        const auto& begun = begun_[slot];
        const bool own = begun.owner == ask.key.value;
        const bool of_another = !own && begun.owner != BegunPieces::none;
        if (of_another != of_others || !ask.may(begun.piece)) continue;
        if (of_another && requests_.is_left_to_another(begun, ask)) continue;
        const std::tuple score{own, static_cast<std::uint32_t>(pieces_[begun.piece].priority),
                               ~(sequential_ ? begun.piece.value : begun.free)};
        if (best && score <= best_score) continue;
        best = slot;
        best_score = score;
    }
    return best;
}

std::optional<PieceIndex> PieceChoice::best_new(Ask& ask) const {
    const auto news = pieces_.order().news();
    if (pieces_.order().size() == 0 || ask.peer.pieces.nothing_new == news || begun_.full())
        return std::nullopt;
    std::optional<PieceIndex> piece;
    if (sequential_) {
        piece = lowest(ask);
    } else {
        piece = suggested(ask);
        if (!piece && pieces_.have().count() < random_first_pieces) piece = any_in_order(ask);
        if (!piece) piece = best_in_order(ask);
        if (!piece) piece = best_in_bitfields(ask);
    }
    if (!piece && ask.now >= ask.peer.rejects.until) ask.peer.pieces.nothing_new = news;
    return piece;
}

std::optional<PieceIndex> PieceChoice::lowest(const Ask& ask) const {
    std::optional<PieceIndex> piece;
    walk_both(pieces_.order().fresh(), ask.peer.pieces.bitfield, 0, [&](PieceIndex candidate) {
        if (ask.may(candidate)) piece = candidate;
        return piece.has_value();
    });
    return piece;
}

std::optional<PieceIndex> PieceChoice::suggested(Ask& ask) const {
    auto& suggested = ask.peer.pieces.suggested;
    if (suggested.empty()) return std::nullopt;
    const auto& order = pieces_.order();
    std::erase_if(suggested, [&](PieceIndex piece) { return !order.fresh().has(piece); });
    auto highest = PieceOrder::priority_count - 1;
    while (highest > 0 && order.of_priority(highest).empty()) --highest;
    for (auto i = suggested.size(); i > 0; --i) {
        const auto piece = suggested[i - 1];
        if (pieces_[piece].priority == highest && ask.may(piece)) return piece;
    }
    return std::nullopt;
}

std::optional<PieceIndex> PieceChoice::any_in_order(const Ask& ask) const {
    constexpr int tries_max = 16;
    for (auto priority = PieceOrder::priority_count - 1; priority > 0; --priority) {
        const auto pieces = pieces_.order().of_priority(priority);
        for (int tries = 0; tries < tries_max && !pieces.empty(); ++tries) {
            const PieceIndex piece(pieces[ask.rng->below(pieces.size())]);
            if (ask.may(piece)) return piece;
        }
        if (!pieces.empty()) break;
    }
    return std::nullopt;
}

std::optional<PieceIndex> PieceChoice::best_in_order(const Ask& ask) const {
    const auto& order = pieces_.order();
    auto scans = scan_max;
    for (auto priority = PieceOrder::priority_count - 1; priority > 0; --priority) {
        if (order.of_priority(priority).empty()) continue;
        for (std::uint32_t rank = 0; rank < PieceOrder::rank_count; ++rank) {
            const auto equals = order.of_rank(priority, rank);
            if (equals.empty()) continue;
            auto at = ask.rng->below(equals.size());
            for (std::size_t i = 0; i < equals.size(); ++i) {
                const PieceIndex piece(equals[at]);
                if (ask.may(piece)) return piece;
                if (--scans == 0) return std::nullopt;
                if (++at == equals.size()) at = 0;
            }
        }
    }
    return std::nullopt;
}

// For a peer that has little of what comes first: the best of at most scan_max of its pieces.
std::optional<PieceIndex> PieceChoice::best_in_bitfields(const Ask& ask) const {
    std::optional<PieceIndex> best;
    std::pair<std::uint32_t, std::uint32_t> best_score;
    auto scans = scan_max;
    const auto& fresh = pieces_.order().fresh();
    const auto words = metainfo::units(fresh.bytes().size(), 8);
    walk_both(fresh, ask.peer.pieces.bitfield, ask.rng->below(words), [&](PieceIndex piece) {
        const auto& state = pieces_[piece];
        const std::pair score{static_cast<std::uint32_t>(state.priority), ~std::uint32_t{state.availability}};
        if (ask.may(piece) && (!best || score > best_score)) {
            best = piece;
            best_score = score;
        }
        return --scans == 0;
    });
    return best;
}

}  // namespace spate::swarm
