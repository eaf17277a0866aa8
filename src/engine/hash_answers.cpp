#include "engine/hash_answers.h"

#include <algorithm>

namespace spate::engine {

const wire::PieceTree* HashAnswers::tree_of(const metainfo::Metainfo& metainfo, const hash::Sha256& root) {
    if (!metainfo.info.has_v2() || root == hash::Sha256{}) return nullptr;
    if (const auto known = trees_.find(root); known != trees_.end()) return &known->second;
    const auto files = metainfo.info.layout.files();
    const auto file = std::ranges::find(files, root, &metainfo::File::pieces_root);
    if (file == files.end() || file->size == 0) return nullptr;
    const metainfo::FileIndex index(static_cast<std::uint32_t>(file - files.begin()));
    const wire::HashTree shape = wire::hash_tree(metainfo.info.layout, index);
    const auto layer = metainfo.piece_layers.find(root);
    if (shape.pieces() > 1 && layer.empty()) return nullptr;
    if (trees_.size() >= trees_max) trees_.clear();
    return &trees_.emplace(root, wire::PieceTree(shape, layer)).first->second;
}

void HashAnswers::answer(const metainfo::Metainfo& metainfo, const wire::HashRequest& request,
                         PeerConnection& connection) {
    const wire::PieceTree* tree = tree_of(metainfo, request.root);
    if (tree == nullptr || !wire::is_valid_hash_request(request, tree->tree()) ||
        !wire::pieces_for(request, tree->tree()).empty())
        return connection.send(wire::HashReject{request});
    const auto hashes = tree->answer(request, {});
    connection.send(wire::Hashes{request, wire::octets(hashes)});
}

}  // namespace spate::engine
