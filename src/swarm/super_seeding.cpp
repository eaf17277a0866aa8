#include "swarm/super_seeding.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace spate::swarm {

SuperSeeding::SuperSeeding(const metainfo::FileLayout& layout, Rng& rng)
    : layout_(layout), to_give_(layout.piece_count(), rng), ahead_(layout.piece_length()) {
    SPATE_ASSERT(suits(layout.piece_count()));
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
    // BEP 16 asks for another peer's word; here the peer's own is enough to count it as there.
    const auto giver = to_give_.add_holder(piece);
    if (giver) peers_[giver->value].given.drop(piece);
    if (giver != key) peer.given.drop(piece);
}

void SuperSeeding::take_back(PeerKey key, Peer& peer) {
    for (const auto& given : peer.given.all())
        if (to_give_.is_given_to(given.piece, key)) to_give_.take_back(given.piece);
    peer.given.clear();
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
        to_give_.remove_holder(*piece);
    if (peer.given.waiting() > 0) count_in_vain(peer);
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

void SuperSeeding::wants_blindly(PeerKey key) {
    auto& peer = peer_at(key);
    if (peer.given.total() + peer.others + peer.given.offered() == 0) count_in_vain(peer);
}

void SuperSeeding::look_at_newcomers(TimePoint now) {
    for (auto& peer : peers_)
        if (peer.here && peer.given.waiting() > 0 && now - peer.took_at >= newcomer_time) count_in_vain(peer);
}

void SuperSeeding::set_backlog(PeerKey key, std::uint64_t bytes) {
    peer_at(key).backlog = bytes;
}

std::uint32_t SuperSeeding::on_sent(PeerKey key, PieceIndex piece, std::uint32_t bytes, TimePoint now) {
    auto& peer = peer_at(key);
    auto* const one = peer.given.find(piece);
    if (one == nullptr) return 0;
    const auto counted = std::min(bytes, one->unsent);
    reserve(key, peer, *one);
    if (counted == 0) return 0;
    on_first_taken(peer);
    peer.given.on_sent(*one, counted);
    peer.took_at = now;
    ahead_.on_sent(counted);
    return counted;
}

void SuperSeeding::on_asked(PeerKey key, PieceIndex piece) {
    auto& peer = peer_at(key);
    if (auto* const one = peer.given.offered() > 0 ? peer.given.find(piece) : nullptr)
        reserve(key, peer, *one);
}

// What was only offered is its own from now on, unless another was given it in the meantime.
void SuperSeeding::reserve(PeerKey key, Peer& peer, GivenPiece& one) {
    if (!one.for_it && to_give_.give(one.piece, key)) peer.given.keep(one);
}

void SuperSeeding::on_taken_back(PeerKey key, PieceIndex piece, std::uint32_t bytes) {
    auto& given = peer_at(key).given;
    auto* const one = given.find(piece);
    if (one == nullptr) return;
    const auto counted = std::min(bytes, layout_.piece_size(piece) - one->unsent);
    given.on_taken_back(*one, counted);
    ahead_.on_taken_back(counted);
}

bool SuperSeeding::takes_more(const Peer& peer) const {
    if (!peer.here || !peer.served || peer.has.all()) return false;
    if (!peer.took && (in_crowd() || peer.given.offered() > 0)) return false;
    return peer.under_way() < std::max(peer.window, layout_.piece_length() * 2);
}

bool SuperSeeding::enough_ahead(TimePoint now) const {
    // One that was shown much when it was alone does not take the turns of others.
    const auto served = std::max<std::ptrdiff_t>(
        std::ranges::count_if(peers_, [](const Peer& peer) { return peer.here && peer.served; }), 1);
    const auto share =
        std::max(layout_.piece_length() * 2, ahead_.bytes() / static_cast<std::uint64_t>(served));
    std::uint64_t ahead = 0;
    for (const auto& peer : peers_)
        if (is_active(peer, now)) ahead += std::min(peer.under_way(), share);
    return ahead >= ahead_.bytes();
}

// Whose turn it is: the peer that got least of those that may take more.
std::optional<std::uint32_t> SuperSeeding::next_peer(TimePoint now) const {
    std::uint32_t busy = 0;
    std::uint64_t waiting_least = UINT64_MAX - turn_bytes;  // of those with nothing under way
    for (const auto& peer : peers_) {
        if (peer.under_way() > 0 && is_active(peer, now)) ++busy;
        if (peer.given.unsent() == 0 && takes_more(peer))
            waiting_least = std::min(waiting_least, peer.given.total());
    }
    std::optional<std::uint32_t> best;
    for (std::uint32_t i = 0; i < peers_.size(); ++i) {
        const auto& peer = peers_[i];
        if (!takes_more(peer)) continue;
        const bool in_turn = peer.given.unsent() > 0 && peer.given.total() < waiting_least + turn_bytes;
        if (busy >= fan_out_max && !in_turn) continue;
        if (!best || peer.given.total() < peers_[*best].given.total()) best = i;
    }
    return best;
}

void SuperSeeding::reveal(TimePoint now, std::vector<RevealedPiece>& out) {
    if (finished()) return;
    look_at_newcomers(now);
    if (in_crowd()) offer_to_newcomers(now, out);
    if (to_give_.none()) lend_what_lies(now);
    while (!to_give_.none()) {
        if (enough_ahead(now)) return;
        const auto key = next_peer(now);
        if (!key) return;
        give_next(PeerKey(*key), now, out);
    }
    finish_if_sent(now);
}

void SuperSeeding::give_next(PeerKey key, TimePoint now, std::vector<RevealedPiece>& out) {
    auto& peer = peers_[key.value];
    const auto piece = to_give_.next();
    to_give_.give(piece, key);
    peer.revealed.set(piece);
    if (peer.given.unsent() == 0) peer.took_at = now;
    peer.given.add({.piece = piece, .unsent = layout_.piece_size(piece), .at = now});
    out.push_back({key, piece});
}

// Of what nobody was given, from there on and around.
void SuperSeeding::offer(PeerKey key, PieceIndex from, std::uint64_t bytes, TimePoint now,
                         std::vector<RevealedPiece>& out) {
    auto& peer = peer_at(key);
    if (peer.given.waiting() == 0) peer.took_at = now;
    std::uint64_t offered = 0;
    const auto count = layout_.piece_count();
    for (std::uint32_t i = 0; i < count && offered < bytes; ++i) {
        const PieceIndex piece((from.value + i) % count);
        if (!to_give_.has(piece) || peer.has.has(piece) || !peer.revealed.set(piece)) continue;
        const auto size = layout_.piece_size(piece);
        peer.given.add({.piece = piece, .unsent = size, .at = now, .for_it = false});
        offered += size;
        out.push_back({key, piece});
    }
}

void SuperSeeding::offer_to_newcomers(TimePoint now, std::vector<RevealedPiece>& out) {
    if (to_give_.none()) return;
    for (std::uint32_t i = 0; i < peers_.size(); ++i) {
        const auto& peer = peers_[i];
        if (peer.here && peer.served && !peer.took && peer.given.waiting() == 0)
            offer(PeerKey(i), to_give_.far_from_next(i), 1, now, out);
    }
}

// It stays shown to the newcomer, which may ask for it still, as for any offer.
void SuperSeeding::lend_what_lies(TimePoint now) {
    const auto waits = [](const Peer& peer) {
        return peer.here && peer.served && !peer.has.all() && peer.under_way() + peer.given.offered() == 0;
    };
    if (std::ranges::none_of(peers_, waits)) return;
    for (auto& peer : peers_) {
        if (!peer.here || peer.took || peer.given.unsent() == 0 || now - peer.took_at < lying_time) continue;
        peer.given.lend([&](PieceIndex piece) { to_give_.take_back(piece); });
    }
}

void SuperSeeding::show_others(PeerKey key, TimePoint now, std::vector<RevealedPiece>& out) {
    auto& peer = peer_at(key);
    if (finished() || in_crowd()) return;
    const auto least = std::max<std::uint64_t>(window_min, layout_.piece_length() * 2);
    peer.others = std::max(peer.others * others_growth, least);
    offer(key, to_give_.far_from_next(key.value * 16), peer.others, now, out);
}

// Until the last first copies are out, nobody else needs to ask for them.
void SuperSeeding::finish_if_sent(TimePoint now) {
    const bool sent = std::ranges::all_of(peers_, [&](const Peer& peer) {
        const auto given = peer.given.all();
        return peer.under_way() == 0 || given.empty() || now - given.front().at >= patience ||
               (in_crowd() && !peer.took);
    });
    if (sent) to_give_.close();
}

bool SuperSeeding::may_request(PeerKey key, PieceIndex piece) const {
    return finished() || peer_at(key).revealed.has(piece);
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
    if (peer.given.waiting() > 0) count_in_vain(peer);
    set_served(key, false);
}

}  // namespace spate::swarm
