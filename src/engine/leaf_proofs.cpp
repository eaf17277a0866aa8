#include "engine/leaf_proofs.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "wire/limits.h"

namespace spate::engine {

std::optional<LeafProofs::Wanted> LeafProofs::plan(metainfo::PieceIndex piece) const {
    if (!metainfo_.info.has_v2() || !metainfo_.v2_piece_hash(piece)) return std::nullopt;
    const metainfo::FileLayout& layout = metainfo_.info.layout;
    const metainfo::FileIndex file = layout.file_at(layout.piece_offset(piece));
    const wire::HashTree tree = wire::hash_tree(layout, file);
    const std::uint32_t in_file = piece.value - layout.pieces_of(file).first.value;
    const std::uint64_t length = std::min(std::uint64_t{1} << tree.piece_height, std::bit_ceil(tree.leaves));
    if (length < 2 || length > wire::hashes_asked_max) return std::nullopt;
    const std::uint64_t first = std::uint64_t{in_file} << tree.piece_height;
    return Wanted{.piece = piece,
                  .tree = tree,
                  .request = wire::request_of(tree, 0, static_cast<std::uint32_t>(first),
                                              static_cast<std::uint32_t>(length))};
}

void LeafProofs::want(metainfo::PieceIndex piece) {
    const auto known = std::ranges::find(wanted_, piece, &Wanted::piece);
    if (known != wanted_.end()) return;
    auto planned = plan(piece);
    if (!planned) return;
    if (wanted_.size() == pieces_max) wanted_.erase(wanted_.begin());
    wanted_.push_back(std::move(*planned));
}

void LeafProofs::forget(metainfo::PieceIndex piece) {
    std::erase_if(wanted_, [&](const Wanted& one) { return one.piece == piece; });
}

const LeafProofs::Leaves* LeafProofs::leaves_of(metainfo::PieceIndex piece) const {
    const auto known = std::ranges::find(wanted_, piece, &Wanted::piece);
    return known == wanted_.end() || known->leaves.empty() ? nullptr : &known->leaves;
}

Peer* LeafProofs::next_peer(const Wanted& wanted) const {
    Peer* best = nullptr;
    peers_.each([&](Peer& peer) {
        if (!peer.speaks_v2 || peer.connection.closed() || !picker_.has(peer.key, wanted.piece)) return;
        if (std::ranges::find(wanted.tried, peer.number) != wanted.tried.end()) return;
        if (best == nullptr || peer.down.hashes_awaited < best->down.hashes_awaited) best = &peer;
    });
    return best;
}

void LeafProofs::ask(TimePoint now) {
    for (Wanted& one : wanted_) {
        if (one.asked && now >= one.until) one.asked = false;
        if (one.asked || !one.leaves.empty() || one.tried.size() >= tries_max) continue;
        Peer* peer = next_peer(one);
        if (peer == nullptr) continue;
        one.tried.push_back(peer->number);
        one.asked = true;
        one.until = now + answer_time;
        ++peer->down.hashes_awaited;
        peer->connection.send(one.request);
    }
}

LeafProofs::Wanted* LeafProofs::asked_of(const Peer& peer, const wire::HashRequest& request) {
    const auto found = std::ranges::find_if(wanted_, [&](const Wanted& one) {
        return one.request == request && std::ranges::find(one.tried, peer.number) != one.tried.end();
    });
    return found == wanted_.end() ? nullptr : &*found;
}

std::optional<metainfo::PieceIndex> LeafProofs::on_hashes(const Peer& peer, const wire::Hashes& message,
                                                          bool& wrong) {
    Wanted* one = asked_of(peer, message.request);
    if (one == nullptr || !one->leaves.empty()) return std::nullopt;
    if (!wire::verify_hashes(one->request, one->tree, message.hashes)) {
        wrong = true;
        return std::nullopt;
    }
    const std::uint32_t size = metainfo_.info.layout.piece_data_size(one->piece);
    one->leaves.resize(metainfo::block_count(size));
    std::memcpy(one->leaves.data(), message.hashes.data(), one->leaves.size() * sizeof(hash::Sha256));
    one->asked = false;
    return one->piece;
}

void LeafProofs::on_reject(const Peer& peer, const wire::HashReject& message) {
    if (Wanted* one = asked_of(peer, message.request); one != nullptr && one->tried.back() == peer.number)
        one->asked = false;
}

void LeafProofs::peer_gone(const Peer& peer) {
    for (Wanted& one : wanted_)
        if (one.asked && one.tried.back() == peer.number) one.asked = false;
}

}  // namespace spate::engine
