#include "swarm/piece_picker.h"

#include <algorithm>
#include <bit>

#include "base/assert.h"

namespace spate::swarm {

using metainfo::Bitfield;

PickMode pick_mode(std::uint64_t bytes_per_second, std::uint64_t piece_length) {
    return bytes_per_second >= piece_length ? PickMode::whole : PickMode::spread;
}

PiecePicker::PiecePicker(const metainfo::FileLayout& layout)
    : layout_(layout),
      pieces_(layout.piece_count(), Piece{.priority = priority_normal}),
      have_(layout.piece_count()),
      wanted_(layout.piece_count(), true),
      fresh_(layout.piece_count(), true),
      order_(layout.piece_count()) {}

PiecePicker::Peer& PiecePicker::peer_at(PeerKey key) {
    SPATE_ASSERT(is_here(key));
    return peers_[key.value];
}
const PiecePicker::Peer& PiecePicker::peer_at(PeerKey key) const {
    SPATE_ASSERT(is_here(key));
    return peers_[key.value];
}

bool PiecePicker::peer_has_piece(const Peer& peer, PieceIndex piece) {
    return peer.seed || (peer.has.size() > 0 && peer.has.has(piece));
}
bool PiecePicker::has_everything(const Peer& peer) {
    return peer.seed || (peer.has.size() > 0 && peer.has.all());
}
bool PiecePicker::is_wanted(PieceIndex piece) const {
    return wanted_.has(piece);
}

std::uint32_t PiecePicker::request_bytes(PieceIndex piece) const {
    const auto data = layout_.piece_data_size(piece);
    return data > 0 ? data : layout_.piece_size(piece);  // nothing but pads: asked for as it stands
}

bool PiecePicker::is_block(const BlockRequest& request) const {
    if (request.piece.value >= pieces_.size() || request.offset % metainfo::block_size != 0) return false;
    const auto size = request_bytes(request.piece);
    return request.offset < size && request.length == metainfo::block_length(size, request.block());
}

PiecePicker::Slot PiecePicker::slot_of(PieceIndex piece) const {
    const auto phase = pieces_[piece.value].phase;
    return phase == Phase::begun || phase == Phase::complete ? order_.note(piece) : BegunPieces::none;
}

// --- what we have and want

void PiecePicker::enter_order(PieceIndex piece) {
    const auto& state = pieces_[piece.value];
    if (!state.in_order()) return;
    fresh_.set(piece);
    ++news_;
    if (!order_stale_) order_.insert(piece, state);
}

void PiecePicker::leave_order(PieceIndex piece) {
    const auto& state = pieces_[piece.value];
    if (!state.in_order()) return;
    fresh_.reset(piece);
    if (!order_stale_) order_.remove(piece, state);
}

void PiecePicker::set_wanted(PieceIndex piece, bool wanted) {
    if (!(wanted ? wanted_.set(piece) : wanted_.reset(piece))) return;
    for (auto& peer : peers_)
        if (!peer.seed && peer_has_piece(peer, piece)) peer.wanted += wanted ? 1U : ~0U;
}

void PiecePicker::recount_wanted(Peer& peer) const {
    peer.wanted = 0;
    if (peer.seed || peer.has.size() == 0) return;
    const auto has = peer.has.bytes();
    const auto wanted = wanted_.bytes();
    for (std::size_t i = 0; i < has.size(); ++i)
        peer.wanted +=
            static_cast<std::uint32_t>(std::popcount(static_cast<std::uint8_t>(has[i] & wanted[i])));
}

void PiecePicker::set_have(const Bitfield& have) {
    SPATE_ASSERT(have.size() == pieces_.size());
    for (auto piece = have.next_set(PieceIndex(0)); piece; piece = have.next_set(piece->next()))
        verified(*piece);
}

void PiecePicker::set_priorities(std::span<const Priority> of_all_pieces) {
    SPATE_ASSERT(of_all_pieces.size() == pieces_.size());
    order_stale_ = true;
    ++news_;
    for (PieceIndex piece; piece.value < pieces_.size(); ++piece) {
        auto& state = pieces_[piece.value];
        state.priority = of_all_pieces[piece.value];
        SPATE_ASSERT(state.priority <= priority_max);
        state.in_order() ? fresh_.set(piece) : fresh_.reset(piece);
        state.priority > 0 && state.phase != Phase::verified ? wanted_.set(piece) : wanted_.reset(piece);
        if (const auto slot = slot_of(piece); slot != BegunPieces::none)
            begun_.set_wanted(slot, state.priority > 0);
    }
    for (auto& peer : peers_) recount_wanted(peer);
}

void PiecePicker::set_deadline(PieceIndex piece, TimePoint deadline) {
    std::erase_if(deadlines_, [&](const Deadline& d) { return d.piece == piece; });
    if (deadline == never || pieces_[piece.value].phase == Phase::verified) return;
    const auto after = std::ranges::upper_bound(deadlines_, deadline, {}, &Deadline::at);
    deadlines_.insert(after, {deadline, piece});
    if (deadlines_.size() > deadlines_max) deadlines_.pop_back();
}

void PiecePicker::verified(PieceIndex piece) {
    auto& state = pieces_[piece.value];
    if (state.phase == Phase::verified) return;
    leave_order(piece);
    if (const auto slot = slot_of(piece); slot != BegunPieces::none) begun_.end(slot);
    state.phase = Phase::verified;
    have_.set(piece);
    set_wanted(piece, false);
    if (!deadlines_.empty()) set_deadline(piece, never);
}

void PiecePicker::return_block(Slot slot, BlockIndex block) {
    const auto& begun = begun_[slot];
    if (begun.blocks[block.value] != BegunPieces::block_received) return;
    begun_.free(slot, block);
    pieces_[begun.piece.value].phase = Phase::begun;
}

void PiecePicker::failed(PieceIndex piece) {
    if (pieces_[piece.value].phase == Phase::verified) return lost(piece);
    const auto slot = slot_of(piece);
    if (slot == BegunPieces::none) return;
    for (BlockIndex block; block.value < begun_[slot].block_count(); ++block) return_block(slot, block);
    begun_.set_owner(slot, BegunPieces::none);
    begun_.set_one_peer(slot);
}

void PiecePicker::block_failed(const BlockRequest& request) {
    if (!is_block(request)) return;
    const auto slot = slot_of(request.piece);
    if (slot == BegunPieces::none) return;
    return_block(slot, request.block());
}

void PiecePicker::lost(PieceIndex piece) {
    auto& state = pieces_[piece.value];
    if (state.phase != Phase::verified) return;
    state.phase = Phase::fresh;
    have_.reset(piece);
    set_wanted(piece, state.priority > 0);
    enter_order(piece);
}

// --- what peers have

void PiecePicker::count_peer(PieceIndex piece, bool more) {
    auto& state = pieces_[piece.value];
    const auto before = state.availability;
    state.availability = static_cast<std::uint16_t>(more ? before + 1 : before - 1);
    if (!order_stale_ && state.in_order()) order_.moved(piece, state, before);
}

void PiecePicker::count_bitfield(const Bitfield& has, bool more) {
    constexpr std::uint32_t few = 16;  // one in so many: moving them costs less than sorting all anew
    if (has.count() > pieces_.size() / few) order_stale_ = true;
    for (auto piece = has.next_set(PieceIndex(0)); piece; piece = has.next_set(piece->next()))
        count_peer(*piece, more);
}

void PiecePicker::peer_joined(PeerKey key) {
    SPATE_ASSERT(key.value < peers_max && !is_here(key));
    if (key.value >= peers_.size()) peers_.resize(key.value + 1);
    auto& peer = peers_[key.value];
    auto requests = std::move(peer.requests);
    peer = Peer{};
    peer.requests = std::move(requests);
    peer.here = true;
}

void PiecePicker::forget_pieces(Peer& peer) {
    if (peer.seed) --seeds_;
    peer.seed = false;
    if (peer.has.count() > 0) count_bitfield(peer.has, false);
    peer.has = Bitfield();
    peer.wanted = 0;
    peer.nothing_new = 0;
}

void PiecePicker::peer_has_all(PeerKey key) {
    auto& peer = peer_at(key);
    forget_pieces(peer);
    peer.seed = true;
    ++seeds_;
}

void PiecePicker::peer_bitfield(PeerKey key, const Bitfield& has) {
    SPATE_ASSERT(has.size() == pieces_.size());
    if (has.all()) return peer_has_all(key);
    auto& peer = peer_at(key);
    forget_pieces(peer);
    peer.has = has;
    count_bitfield(has, true);
    recount_wanted(peer);
}

void PiecePicker::peer_has(PeerKey key, PieceIndex piece) {
    auto& peer = peer_at(key);
    SPATE_ASSERT(piece.value < pieces_.size());
    if (peer.seed) return;
    if (peer.has.size() == 0) peer.has = Bitfield(static_cast<std::uint32_t>(pieces_.size()));
    if (!peer.has.set(piece)) return;
    count_peer(piece, true);
    if (!is_wanted(piece)) return;
    ++peer.wanted;
    peer.nothing_new = 0;
}

void PiecePicker::peer_lacks(PeerKey key, PieceIndex piece) {
    auto& peer = peer_at(key);
    SPATE_ASSERT(piece.value < pieces_.size());
    if (!peer_has_piece(peer, piece)) return;
    if (peer.seed) {
        Bitfield rest(static_cast<std::uint32_t>(pieces_.size()), true);
        rest.reset(piece);
        return peer_bitfield(key, rest);
    }
    peer.has.reset(piece);
    count_peer(piece, false);
    if (is_wanted(piece)) --peer.wanted;
}

void PiecePicker::peer_suggests(PeerKey key, PieceIndex piece) {
    auto& suggested = peer_at(key).suggested;
    SPATE_ASSERT(piece.value < pieces_.size());
    std::erase(suggested, piece);
    if (suggested.size() == suggestions_max) suggested.erase(suggested.begin());
    suggested.push_back(piece);
}

void PiecePicker::peer_gone(PeerKey key) {
    auto& peer = peer_at(key);
    release_all(key, peer);
    forget_pieces(peer);
    peer.suggested.clear();
    peer.here = false;
}

bool PiecePicker::is_here(PeerKey key) const {
    return key.value < peers_.size() && peers_[key.value].here;
}
bool PiecePicker::interesting(PeerKey key) const {
    const auto& peer = peer_at(key);
    return peer.seed ? !wanted_.none() : peer.wanted > 0;
}
bool PiecePicker::has(PeerKey key, PieceIndex piece) const {
    return peer_has_piece(peer_at(key), piece);
}
bool PiecePicker::is_seed(PeerKey key) const {
    return has_everything(peer_at(key));
}
std::uint32_t PiecePicker::count_of(PeerKey key) const {
    const auto& peer = peer_at(key);
    return peer.seed ? static_cast<std::uint32_t>(pieces_.size()) : peer.has.count();
}

std::uint64_t PiecePicker::missing_blocks() const {
    const std::uint64_t a_piece = metainfo::units(layout_.piece_length(), metainfo::block_size);
    std::uint64_t there = 0;
    for (const auto& begun : begun_.all())
        if (begun.wanted) there += begun.received;
    const std::uint64_t all = missing() * a_piece;
    return all - std::min(all, there);
}

bool PiecePicker::all_available() const {
    if (seeds_ > 0) return true;
    const auto nobody_has = [&](PieceIndex piece) {
        return is_wanted(piece) && pieces_[piece.value].availability == 0 &&
               pieces_[piece.value].phase != Phase::complete;
    };
    if (order_stale_) {
        for (auto piece = wanted_.next_set(PieceIndex(0)); piece; piece = wanted_.next_set(piece->next()))
            if (nobody_has(*piece)) return false;
        return true;
    }
    for (std::uint32_t priority = 1; priority <= priority_max; ++priority)
        if (!order_.of_rank(priority, 0).empty()) return false;
    return std::ranges::none_of(begun_.all(), [&](const BegunPieces::Begun& begun) {
        return begun.block_count() > 0 && nobody_has(begun.piece);
    });
}

}  // namespace spate::swarm
