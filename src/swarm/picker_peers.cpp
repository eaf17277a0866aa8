#include "swarm/picker_peers.h"

#include <bit>
#include <utility>

#include "base/assert.h"

namespace spate::swarm {

using metainfo::Bitfield;

PickerPeer& PickerPeers::at(PeerKey key) {
    SPATE_ASSERT(is_here(key));
    return peers_[key.value];
}
const PickerPeer& PickerPeers::at(PeerKey key) const {
    SPATE_ASSERT(is_here(key));
    return peers_[key.value];
}

void PickerPeers::joined(PeerKey key) {
    SPATE_ASSERT(key.value < peers_max && !is_here(key));
    if (key.value >= peers_.size()) peers_.resize(key.value + 1);
    auto& peer = peers_[key.value];
    auto requests = std::move(peer.requests);
    peer = PickerPeer{};
    peer.requests = std::move(requests);
    peer.here = true;
}

void PickerPeers::forget(PeerPieces& of_one) {
    if (of_one.seed) --seeds_;
    of_one.seed = false;
    if (of_one.bitfield.count() > 0) pieces_.count_bitfield(of_one.bitfield, false);
    of_one.bitfield = Bitfield();
    of_one.wanted = 0;
    of_one.nothing_new = 0;
}

void PickerPeers::has_all(PeerKey key) {
    auto& its = at(key).pieces;
    forget(its);
    its.seed = true;
    ++seeds_;
}

void PickerPeers::bitfield(PeerKey key, const Bitfield& has) {
    SPATE_ASSERT(has.size() == pieces_.count());
    if (has.all()) return has_all(key);
    auto& its = at(key).pieces;
    forget(its);
    its.bitfield = has;
    pieces_.count_bitfield(has, true);
    recount(its);
}

void PickerPeers::has(PeerKey key, PieceIndex piece) {
    auto& its = at(key).pieces;
    SPATE_ASSERT(piece.value < pieces_.count());
    if (its.seed) return;
    if (its.bitfield.size() == 0) its.bitfield = Bitfield(pieces_.count());
    if (!its.bitfield.set(piece)) return;
    pieces_.count_peer(piece, true);
    if (!pieces_.wanted().has(piece)) return;
    ++its.wanted;
    its.nothing_new = 0;
}

void PickerPeers::lacks(PeerKey key, PieceIndex piece) {
    auto& its = at(key).pieces;
    SPATE_ASSERT(piece.value < pieces_.count());
    if (!its.has(piece)) return;
    if (its.seed) {
        Bitfield rest(pieces_.count(), true);
        rest.reset(piece);
        return bitfield(key, rest);
    }
    its.bitfield.reset(piece);
    pieces_.count_peer(piece, false);
    if (pieces_.wanted().has(piece)) --its.wanted;
}

void PickerPeers::suggests(PeerKey key, PieceIndex piece) {
    auto& suggested = at(key).pieces.suggested;
    SPATE_ASSERT(piece.value < pieces_.count());
    std::erase(suggested, piece);
    if (suggested.size() == suggestions_max) suggested.erase(suggested.begin());
    suggested.push_back(piece);
}

void PickerPeers::gone(PeerKey key) {
    auto& peer = at(key);
    forget(peer.pieces);
    peer.pieces.suggested.clear();
    peer.here = false;
}

void PickerPeers::count_wanted(PieceIndex piece, bool wanted) {
    for (auto& peer : peers_)
        if (!peer.pieces.seed && peer.pieces.has(piece)) peer.pieces.wanted += wanted ? 1U : ~0U;
}

void PickerPeers::recount_wanted() {
    for (auto& peer : peers_) recount(peer.pieces);
}

void PickerPeers::recount(PeerPieces& of_one) const {
    of_one.wanted = 0;
    if (of_one.seed || of_one.bitfield.size() == 0) return;
    const auto has = of_one.bitfield.bytes();
    const auto wanted = pieces_.wanted().bytes();
    for (std::size_t i = 0; i < has.size(); ++i)
        of_one.wanted +=
            static_cast<std::uint32_t>(std::popcount(static_cast<std::uint8_t>(has[i] & wanted[i])));
}

bool PickerPeers::interesting(PeerKey key) const {
    const auto& its = at(key).pieces;
    return its.seed ? !pieces_.wanted().none() : its.wanted > 0;
}

std::uint32_t PickerPeers::count_of(PeerKey key) const {
    const auto& its = at(key).pieces;
    return its.seed ? pieces_.count() : its.bitfield.count();
}

}  // namespace spate::swarm
