// PiecePicker: choosing what to ask for.
#include <algorithm>
#include <bit>
#include <cstring>
#include <tuple>

#include "base/assert.h"
#include "swarm/piece_picker.h"

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

struct PiecePicker::Ask {
    PeerKey key;
    Peer& peer;
    std::uint32_t left;
    PickMode mode;
    TimePoint now;
    Rng* rng;
    std::vector<BlockRequest>& out;
};

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

// --- blocks that were asked of others

Duration PiecePicker::time_for(const Peer& peer, std::size_t blocks) {
    constexpr std::uint64_t least = metainfo::block_size;  // a second a block for who has shown nothing yet
    constexpr std::uint64_t second = 1'000'000'000;
    const auto of_one = metainfo::block_size * second / std::max(peer.speed, least);
    return Duration(static_cast<Duration::rep>(of_one * blocks));
}

// What the peer owes for much longer than its answers take is believed to need as long again; nothing: it is
// in time.
Duration PiecePicker::overdue(const Peer& peer, std::size_t number, TimePoint now) {
    constexpr Duration grace = std::chrono::seconds(2);
    const auto queue = time_for(peer, peer.requests.size());
    const auto usual = peer.speed == 0 ? std::min(queue, grace) : std::max(queue, peer.answer_time);
    const auto owed = now - peer.requests[number].at;
    return owed > usual * 4 + grace ? owed : Duration{};
}

// How long one more block will take it.
Duration PiecePicker::answer_from(const Peer& peer) {
    return std::max(time_for(peer, peer.requests.size() + 1), peer.answer_time);
}

// When the last of what the peer owes is likely to come; nothing is known of one that never answered.
Duration PiecePicker::lateness(const Peer& peer, TimePoint now) {
    if (peer.snubbed) return now - peer.requests[0].at;
    return std::max(peer.speed == 0 ? Duration{} : time_for(peer, peer.requests.size()),
                    overdue(peer, 0, now));
}

bool PiecePicker::may_help(Slot slot, BlockIndex block, const Ask& ask) const {
    const auto& begun = begun_[slot];
    const auto state = begun.blocks[block.value];
    if (state == BegunPieces::block_received || state == BegunPieces::block_free || state == ask.key.value ||
        !begun.wanted || !may_ask(ask, begun.piece))
        return false;
    return !begun.one_peer || begun.owner == ask.key.value || is_held_back(begun, ask);
}

bool PiecePicker::ask_duplicate(Slot slot, BlockIndex block, Ask& ask) {
    if (!may_help(slot, block, ask)) return false;
    if (begun_.extras().size() >= duplicate_requests_max || begun_.has_extra(slot, block, ask.key) ||
        begun_.extras_of(slot, block) >= duplicates_max)
        return false;
    begun_.add_extra(slot, block, ask.key);
    ask.peer.requests.add({begun_[slot].piece, block, ask.now});
    ask.out.push_back(begun_.request(slot, block));
    --ask.left;
    return true;
}

// The holder is told not to send it; if it was on its way already, it is welcome still.
void PiecePicker::take_over(Slot slot, BlockIndex block, PeerKey holder, Ask& ask) {
    if (!may_help(slot, block, ask) || begun_[slot].blocks[block.value] != holder.value ||
        begun_.extras_of(slot, block) > 0)
        return;
    cancel(slot, block, holder);
    begun_.free(slot, block);
    begun_.ask(slot, block, ask.key);
    ask.peer.requests.add({begun_[slot].piece, block, ask.now});
    ask.out.push_back(begun_.request(slot, block));
    --ask.left;
}

void PiecePicker::ask_deadlines(Ask& ask) {
    constexpr std::size_t pieces_hurried = 4;
    for (std::size_t i = 0; i < deadlines_.size() && ask.left > 0; ++i) {
        const auto [deadline, piece] = deadlines_[i];
        ask_piece(piece, ask);
        const auto slot = slot_of(piece);
        if (i >= pieces_hurried || slot == BegunPieces::none) continue;
        for (BlockIndex block; block.value < begun_[slot].block_count() && ask.left > 0; ++block) {
            const auto holder = begun_[slot].blocks[block.value];
            if (holder >= peers_.size() || holder == ask.key.value) continue;
            const auto number = peers_[holder].requests.find(piece, block);
            help(PeerKey(holder), number, std::max(deadline - ask.now, answer_from(ask.peer) * 2), ask);
        }
    }
}

// What a block must be late by for this peer to bring it instead.
Duration PiecePicker::late_enough(const Ask& ask, bool last_blocks) {
    const auto ours = answer_from(ask.peer);
    return last_blocks ? ours * 2 + std::chrono::milliseconds(50) : ours * 10 + std::chrono::seconds(1);
}

// The last blocks of the slowest peers' queues, if this peer brings them much sooner.
void PiecePicker::help_others(Ask& ask) {
    constexpr Duration pause = std::chrono::milliseconds(100);
    constexpr std::size_t holders_tried = 8;
    if (ask.now < ask.peer.duplicates_at || ask.peer.snubbed) return;
    const bool last_blocks = end_game();
    const auto least = late_enough(ask, last_blocks);
    holders_.clear();
    for (std::uint32_t i = 0; i < peers_.size(); ++i) {
        const auto& peer = peers_[i];
        if (i == ask.key.value || peer.requests.empty()) continue;
        const auto late = lateness(peer, ask.now);
        if (peer.snubbed || late > least) holders_.push_back({late, PeerKey(i)});
    }
    const auto slowest = std::min(holders_tried, holders_.size());
    std::ranges::partial_sort(holders_, holders_.begin() + static_cast<std::ptrdiff_t>(slowest),
                              std::ranges::greater{}, &Holder::late);
    const auto left = ask.left;
    for (std::size_t i = 0; i < slowest && ask.left > 0; ++i)
        help_from_end(holders_[i].peer, late_enough(ask, last_blocks), ask);
    if (ask.left == left) ask.peer.duplicates_at = ask.now + pause;
}

void PiecePicker::help_from_end(PeerKey holder, Duration least, Ask& ask) {
    std::size_t scans = scan_max / 4;
    for (auto i = peers_[holder.value].requests.size(); i > 0 && scans > 0 && ask.left > 0; --i, --scans)
        help(holder, i - 1, least, ask);
}

// With what the holder owes, if it takes longer than `least`. Nothing is known of a peer that has not
// answered yet: what it owes is in time until it is overdue.
void PiecePicker::help(PeerKey key, std::size_t number, Duration least, Ask& ask) {
    const auto& holder = peers_[key.value];
    const auto [piece, block, at] = holder.requests[number];
    const auto slot = slot_of(piece);
    if (slot == BegunPieces::none) return;
    if (holder.snubbed)  // what could not be kept apart as an extra
        take_over(slot, block, key, ask);
    else if (overdue(holder, number, ask.now) > least)
        ask_duplicate(slot, block, ask);
    else if (holder.speed > 0 && time_for(holder, number + 1) > least)
        take_over(slot, block, key, ask);
}

bool PiecePicker::end_game() const {
    return fresh_.none() && begun_.open().empty() && !wanted_.none();
}

}  // namespace spate::swarm
