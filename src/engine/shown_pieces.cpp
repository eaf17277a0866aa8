#include "engine/shown_pieces.h"

#include <algorithm>

namespace spate::engine {

void ShownPieces::begin(const metainfo::Bitfield& have) {
    for (auto piece = have.next_set({}); piece; piece = have.next_set(piece->next()))
        if (wanted_.in_part(*piece)) shown_.set(*piece);
    peers_.each([&](Peer& peer) {
        if (!peer.told_have) return;
        for (auto piece = shown_.next_set({}); piece; piece = shown_.next_set(piece->next()))
            peer.connection.send(wire::Have{*piece});
    });
}

bool ShownPieces::add(metainfo::PieceIndex piece) {
    if (!wanted_.in_part(piece)) return false;
    if (shown_.set(piece)) new_.push_back(piece);
    return true;
}

void ShownPieces::lose(std::span<const metainfo::PieceIndex> pieces) {
    std::erase_if(
        new_, [&](metainfo::PieceIndex piece) { return std::ranges::find(pieces, piece) != pieces.end(); });
    for (const metainfo::PieceIndex piece : pieces) {
        if (!shown_.reset(piece)) continue;
        peers_.each([&](Peer& peer) {
            if (peer.told_have) peer.connection.send_extended(wire::DontHave{piece});
        });
    }
}

void ShownPieces::tell_new(const swarm::PiecePicker& picker) {
    if (new_.empty()) return;
    peers_.each([&](Peer& peer) {
        if (!peer.told_have) return;
        for (const metainfo::PieceIndex piece : new_)
            if (!picker.has(peer.key, piece)) peer.connection.send(wire::Have{piece});
    });
    new_.clear();
}

}  // namespace spate::engine
