#include "engine/wrong_blocks.h"

namespace spate::engine {

WrongBlocks::Senders WrongBlocks::endpoints(std::span<const swarm::Sender> senders) const {
    Senders all;
    for (const swarm::Sender sender : senders) all.push_back(blame_.endpoint(sender));
    return all;
}

WrongBlocks::Senders WrongBlocks::on_right(const piece_store::PieceVerdict& verdict) {
    proofs_.forget(verdict.piece);
    if (blame_.suspected(verdict.piece)) return endpoints(blame_.passed(verdict.piece, verdict.blocks));
    blame_.forget(verdict.piece);
    return {};
}

WrongBlocks::Senders WrongBlocks::on_wrong(const piece_store::PieceVerdict& verdict) {
    const metainfo::PieceIndex piece = verdict.piece;
    Senders wrong = endpoints(blame_.failed(piece, verdict.blocks));
    if (!blame_.suspected(piece)) return wrong;
    if (const LeafProofs::Leaves* leaves = proofs_.leaves_of(piece)) {
        const Senders more = endpoints(blame_.proven(piece, *leaves));
        wrong.insert(wrong.end(), more.begin(), more.end());
    } else {
        proofs_.want(piece);
    }
    return wrong;
}

std::optional<WrongBlocks::Senders> WrongBlocks::on_hashes(const Peer& peer, const wire::Hashes& message) {
    bool wrong = false;
    const auto piece = proofs_.on_hashes(peer, message, wrong);
    if (wrong) return std::nullopt;
    if (!piece) return Senders{};
    return endpoints(blame_.proven(*piece, *proofs_.leaves_of(*piece)));
}

}  // namespace spate::engine
