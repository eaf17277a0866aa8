#include "tracker/probe_plan.h"

#include <algorithm>
#include <set>

#include "hash/merkle.h"

namespace spate::tracker {

namespace {

ProbedPiece plan_piece(const metainfo::Metainfo& torrent, metainfo::PieceIndex index) {
    const auto& info = torrent.info;
    ProbedPiece piece;
    piece.index = index;
    if (info.has_v1()) {
        piece.size = info.layout.piece_size(index);
        piece.v1 = info.v1_piece_hash(index);
        return piece;
    }
    piece.size = info.layout.piece_data_size(index);
    piece.v2 = torrent.v2_piece_hash(index).value_or(hash::Sha256{});
    const auto& file = info.layout.file(info.layout.file_at(info.layout.piece_offset(index)));
    piece.tree_height = file.size <= info.layout.piece_length()
                            ? hash::tree_height(hash::leaf_count(file.size))
                            : metainfo::piece_layer_height(info.layout.piece_length());
    return piece;
}

}  // namespace

bool ProbedPiece::is(Bytes bytes) const {
    if (bytes.size() != size) return false;
    if (v1) return hash::sha1(bytes) == *v1;
    std::vector<hash::Sha256> leaves;
    for (std::size_t at = 0; at < bytes.size(); at += hash::kLeafSize) {
        leaves.push_back(hash::sha256(bytes.subspan(at, std::min(hash::kLeafSize, bytes.size() - at))));
    }
    return hash::subtree_root(leaves, 0, tree_height) == v2;
}

std::optional<ProbePlan> plan_probe(const metainfo::Metainfo& torrent, Rng& rng) {
    const auto& info = torrent.info;
    const auto count = info.layout.piece_count();
    if (count == 0 || info.layout.piece_length() > probed_bytes_max) return std::nullopt;
    const auto wanted =
        std::min<std::uint64_t>({probed_pieces_max, count, probed_bytes_max / info.layout.piece_length()});
    ProbePlan plan;
    plan.swarm = info.has_v1() ? *info.hash.v1 : metainfo::truncated(*info.hash.v2);
    plan.piece_count = count;
    std::set<std::uint32_t> chosen;
    while (chosen.size() < wanted) chosen.insert(static_cast<std::uint32_t>(rng.below(count)));
    for (const auto index : chosen) {
        plan.pieces.push_back(plan_piece(torrent, metainfo::PieceIndex(index)));
    }
    return plan;
}

}  // namespace spate::tracker
