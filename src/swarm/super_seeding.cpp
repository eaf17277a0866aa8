#include "swarm/super_seeding.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace spate::swarm {

namespace {
constexpr std::uint32_t nobody = UINT32_MAX;
}

SuperSeeding::SuperSeeding(const metainfo::FileLayout& layout, Rng& rng)
    : layout_(layout),
      holders_(layout.piece_count()),
      given_to_(layout.piece_count(), nobody),
      not_given_(layout.piece_count(), true) {
    SPATE_ASSERT(suits(layout.piece_count()));
    cursor_ = PieceIndex(static_cast<std::uint32_t>(rng.below(layout.piece_count())));
}

const SuperSeeding::Peer& SuperSeeding::peer_at(PeerKey key) const {
    SPATE_ASSERT(key.value < peers_.size() && peers_[key.value].here);
    return peers_[key.value];
}
SuperSeeding::Peer& SuperSeeding::peer_at(PeerKey key) {
    SPATE_ASSERT(key.value < peers_.size() && peers_[key.value].here);
    return peers_[key.value];
}

void SuperSeeding::peer_joined(PeerKey key) {
    SPATE_ASSERT(key.value < peers_max);
    if (key.value >= peers_.size()) peers_.resize(key.value + 1);
    auto& peer = peers_[key.value];
    SPATE_ASSERT(!peer.here);
    peer = Peer{};
    peer.here = true;
    peer.has = metainfo::Bitfield(layout_.piece_count());
    peer.revealed = metainfo::Bitfield(layout_.piece_count());
}

void SuperSeeding::peer_bitfield(PeerKey key, const metainfo::Bitfield& has) {
    SPATE_ASSERT(has.size() == layout_.piece_count());
    for (auto piece = has.next_set(PieceIndex(0)); piece; piece = has.next_set(piece->next()))
        peer_has(key, *piece);
}

void SuperSeeding::peer_has(PeerKey key, PieceIndex piece) {
    auto& peer = peer_at(key);
    if (!peer.has.set(piece)) return;
    ++holders_[piece.value];
    not_given_.reset(piece);
    const auto drop = [&](Peer& from) {
        const auto at = std::ranges::find(from.given, piece, &Given::piece);
        if (at == from.given.end()) return;
        (at->for_it ? from.unsent : from.offered) -= at->unsent;
        from.given.erase(at);
    };
    // BEP 16 asks for another peer's word; here the peer's own is enough to count it as there.
    const auto giver = given_to_[piece.value];
    if (giver != nobody) drop(peers_[giver]);
    if (giver != key.value) drop(peer);
}

void SuperSeeding::take_back(PeerKey key, Peer& peer) {
    for (const auto& given : peer.given) {
        if (given_to_[given.piece.value] != key.value) continue;
        given_to_[given.piece.value] = nobody;
        if (holders_[given.piece.value] == 0 && !finished_) not_given_.set(given.piece);
    }
    peer.given.clear();
    peer.unsent = peer.offered = 0;
}

void SuperSeeding::count_in_vain(Peer& peer) {
    if (peer.took || std::exchange(peer.in_vain, true)) return;
    in_vain_ = std::min(in_vain_ + 1, in_vain_max);
}

void SuperSeeding::on_first_taken(Peer& peer) {
    if (std::exchange(peer.took, true)) return;
    in_vain_ -= std::min(in_vain_, in_vain_per_taker);
}

void SuperSeeding::peer_gone(PeerKey key) {
    auto& peer = peer_at(key);
    for (auto piece = peer.has.next_set(PieceIndex(0)); piece; piece = peer.has.next_set(piece->next()))
        if (--holders_[piece->value] == 0 && !finished_) not_given_.set(*piece);
    if (peer.unsent + peer.offered > 0) count_in_vain(peer);
    take_back(key, peer);
    peer = Peer{};
}

void SuperSeeding::set_served(PeerKey key, bool served) {
    auto& peer = peer_at(key);
    peer.served = served;
    if (!served) take_back(key, peer);
}

void SuperSeeding::set_window(PeerKey key, std::uint64_t bytes) {
    peer_at(key).window = std::max({bytes, window_min, layout_.piece_length() * 2});
}

void SuperSeeding::set_ahead(std::uint64_t bytes) {
    ahead_max_ = std::min(bytes, ahead_most);
}

void SuperSeeding::fade() {
    if (doubled_ > 0) --doubled_;
}

void SuperSeeding::wants_blindly(PeerKey key) {
    auto& peer = peer_at(key);
    if (peer.total + peer.others + peer.offered == 0) count_in_vain(peer);
}

void SuperSeeding::look_at_newcomers(TimePoint now) {
    for (auto& peer : peers_)
        if (peer.here && peer.unsent + peer.offered > 0 && now - peer.took_at >= newcomer_time)
            count_in_vain(peer);
}

void SuperSeeding::set_backlog(PeerKey key, std::uint64_t bytes) {
    peer_at(key).backlog = bytes;
}

// From the newest: who tells of nothing it has leaves a long tail of old ones.
SuperSeeding::Given* SuperSeeding::given(Peer& peer, PieceIndex piece) {
    const auto found = std::find_if(peer.given.rbegin(), peer.given.rend(),
                                    [&](const Given& one) { return one.piece == piece; });
    return found == peer.given.rend() ? nullptr : &*found;
}

std::uint32_t SuperSeeding::on_sent(PeerKey key, PieceIndex piece, std::uint32_t bytes, TimePoint now) {
    auto& peer = peer_at(key);
    auto* const one = given(peer, piece);
    if (one == nullptr) return 0;
    const auto counted = std::min(bytes, one->unsent);
    if (counted > 0) on_first_taken(peer);
    reserve(key, peer, *one);
    one->unsent -= counted;
    (one->for_it ? peer.unsent : peer.offered) -= counted;
    sent_since_doubled_ += counted;
    if (counted > 0) peer.took_at = now;
    return counted;
}

void SuperSeeding::on_asked(PeerKey key, PieceIndex piece) {
    auto& peer = peer_at(key);
    if (auto* const one = peer.offered > 0 ? given(peer, piece) : nullptr) reserve(key, peer, *one);
}

// What was only offered is its own from now on, unless another was given it in the meantime.
void SuperSeeding::reserve(PeerKey key, Peer& peer, Given& one) {
    if (one.for_it || !not_given_.reset(one.piece)) return;
    one.for_it = true;
    given_to_[one.piece.value] = key.value;
    peer.offered -= one.unsent;
    peer.unsent += one.unsent;
    peer.total += one.unsent;
}

void SuperSeeding::on_taken_back(PeerKey key, PieceIndex piece, std::uint32_t bytes) {
    auto& peer = peer_at(key);
    auto* const one = given(peer, piece);
    if (one == nullptr) return;
    const auto counted = std::min(bytes, layout_.piece_size(piece) - one->unsent);
    one->unsent += counted;
    (one->for_it ? peer.unsent : peer.offered) += counted;
    sent_since_doubled_ -= std::min<std::uint64_t>(sent_since_doubled_, counted);
}

bool SuperSeeding::takes_more(const Peer& peer) const {
    if (!peer.here || !peer.served || peer.has.all()) return false;
    if (!peer.took && (in_crowd() || peer.offered > 0)) return false;
    return peer.waiting() < std::max(peer.window, layout_.piece_length() * 2);
}

bool SuperSeeding::enough_ahead(TimePoint now) const {
    // One that was shown much when it was alone does not take the turns of others.
    const auto served = std::max<std::ptrdiff_t>(
        std::ranges::count_if(peers_, [](const Peer& peer) { return peer.here && peer.served; }), 1);
    const auto share = std::max(layout_.piece_length() * 2, ahead_now() / static_cast<std::uint64_t>(served));
    std::uint64_t ahead = 0;
    for (const auto& peer : peers_)
        if (is_active(peer, now)) ahead += std::min(peer.waiting(), share);
    return ahead >= ahead_now();
}

std::uint64_t SuperSeeding::ahead_now() const {
    const auto least = std::max({ahead_max_, ahead_min, layout_.piece_length() * 4});
    return std::min(least << doubled_, std::max(least, ahead_cap));
}

void SuperSeeding::on_dry() {
    if (sent_since_doubled_ < ahead_now() / 2 || ahead_now() >= ahead_cap) return;
    sent_since_doubled_ = 0;
    ++doubled_;
}

// In the order of the disk, around from where we began.
PieceIndex SuperSeeding::next_piece() {
    auto piece = not_given_.next_set(cursor_);
    if (!piece) piece = not_given_.next_set(PieceIndex(0));
    cursor_ = PieceIndex((piece->value + 1) % layout_.piece_count());
    return *piece;
}

// Whose turn it is: the peer that got least of those that may take more.
std::optional<std::uint32_t> SuperSeeding::next_peer(TimePoint now) const {
    std::uint32_t busy = 0;
    std::uint64_t waiting_least = UINT64_MAX - turn_bytes;  // of those with nothing under way
    for (const auto& peer : peers_) {
        if (peer.waiting() > 0 && is_active(peer, now)) ++busy;
        if (peer.unsent == 0 && takes_more(peer)) waiting_least = std::min(waiting_least, peer.total);
    }
    std::optional<std::uint32_t> best;
    for (std::uint32_t i = 0; i < peers_.size(); ++i) {
        const auto& peer = peers_[i];
        if (!takes_more(peer)) continue;
        const bool in_turn = peer.unsent > 0 && peer.total < waiting_least + turn_bytes;
        if (busy >= fan_out_max && !in_turn) continue;
        if (!best || peer.total < peers_[*best].total) best = i;
    }
    return best;
}

void SuperSeeding::reveal(TimePoint now, std::vector<RevealedPiece>& out) {
    if (finished_) return;
    look_at_newcomers(now);
    if (in_crowd()) offer_to_newcomers(now, out);
    if (not_given_.none()) lend_what_lies(now);
    while (!not_given_.none()) {
        if (enough_ahead(now)) return;
        const auto key = next_peer(now);
        if (!key) return;
        auto& peer = peers_[*key];
        const auto piece = next_piece();
        const auto size = layout_.piece_size(piece);
        not_given_.reset(piece);
        given_to_[piece.value] = *key;
        peer.revealed.set(piece);
        if (peer.unsent == 0) peer.took_at = now;
        peer.given.push_back({.piece = piece, .unsent = size, .at = now});
        peer.unsent += size;
        peer.total += size;
        out.push_back({PeerKey(*key), piece});
    }
    finish_if_sent(now);
}

// Of what nobody was given, from there on and around.
void SuperSeeding::offer(PeerKey key, PieceIndex from, std::uint64_t bytes, TimePoint now,
                         std::vector<RevealedPiece>& out) {
    auto& peer = peer_at(key);
    if (peer.unsent + peer.offered == 0) peer.took_at = now;
    std::uint64_t offered = 0;
    const auto count = layout_.piece_count();
    for (std::uint32_t i = 0; i < count && offered < bytes; ++i) {
        const PieceIndex piece((from.value + i) % count);
        if (!not_given_.has(piece) || peer.has.has(piece) || !peer.revealed.set(piece)) continue;
        const auto size = layout_.piece_size(piece);
        peer.given.push_back({.piece = piece, .unsent = size, .at = now, .for_it = false});
        offered += size;
        out.push_back({key, piece});
    }
    peer.offered += offered;
}

void SuperSeeding::offer_to_newcomers(TimePoint now, std::vector<RevealedPiece>& out) {
    if (not_given_.none()) return;
    for (std::uint32_t i = 0; i < peers_.size(); ++i) {
        const auto& peer = peers_[i];
        if (peer.here && peer.served && !peer.took && peer.unsent + peer.offered == 0)
            offer(PeerKey(i), far_from_next(i), 1, now, out);
    }
}

// It stays shown to the newcomer, which may ask for it still, as for any offer.
void SuperSeeding::lend_what_lies(TimePoint now) {
    const auto waits = [](const Peer& peer) {
        return peer.here && peer.served && !peer.has.all() && peer.waiting() + peer.offered == 0;
    };
    if (std::ranges::none_of(peers_, waits)) return;
    for (auto& peer : peers_) {
        if (!peer.here || peer.took || peer.unsent == 0 || now - peer.took_at < lying_time) continue;
        for (auto& given : peer.given) {
            if (!std::exchange(given.for_it, false)) continue;
            given_to_[given.piece.value] = nobody;
            if (holders_[given.piece.value] == 0) not_given_.set(given.piece);
        }
        peer.total -= peer.unsent;
        peer.offered += std::exchange(peer.unsent, 0);
    }
}

// Far from what is given next, so that it is hardly given twice.
PieceIndex SuperSeeding::far_from_next(std::uint32_t number) const {
    const auto count = layout_.piece_count();
    return PieceIndex((cursor_.value + count / 2 + number) % count);
}

void SuperSeeding::show_others(PeerKey key, TimePoint now, std::vector<RevealedPiece>& out) {
    auto& peer = peer_at(key);
    if (finished_ || in_crowd()) return;
    const auto least = std::max<std::uint64_t>(window_min, layout_.piece_length() * 2);
    peer.others = std::max(peer.others * others_growth, least);
    offer(key, far_from_next(key.value * 16), peer.others, now, out);
}

// Until the last first copies are out, nobody else needs to ask for them.
void SuperSeeding::finish_if_sent(TimePoint now) {
    finished_ = std::ranges::all_of(peers_, [&](const Peer& peer) {
        return peer.waiting() == 0 || peer.given.empty() || now - peer.given.front().at >= patience ||
               (in_crowd() && !peer.took);
    });
}

bool SuperSeeding::may_request(PeerKey key, PieceIndex piece) const {
    return finished_ || peer_at(key).revealed.has(piece);
}

void SuperSeeding::rest(PeerKey key, std::vector<PieceIndex>& out) const {
    const auto& peer = peer_at(key);
    for (PieceIndex piece; piece.value < layout_.piece_count(); ++piece)
        if (!peer.revealed.has(piece) && !peer.has.has(piece)) out.push_back(piece);
}

void SuperSeeding::show_all(PeerKey key, std::vector<PieceIndex>& all) {
    rest(key, all);
    auto& peer = peer_at(key);
    for (const auto piece : all) peer.revealed.set(piece);
    if (peer.unsent + peer.offered > 0) count_in_vain(peer);
    set_served(key, false);
}

}  // namespace spate::swarm
