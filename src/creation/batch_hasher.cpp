#include "creation/batch_hasher.h"

#include <algorithm>

#include "metainfo/geometry.h"

namespace spate::creation {
namespace {

unsigned piece_height(const Content& content, const HashPlan& plan) {
    return plan.v2 ? metainfo::piece_layer_height(content.layout.piece_length()) : 0;
}

}  // namespace

BatchHasher::BatchHasher(const Content& content, const HashPlan& plan, Signals& signals)
    : content_(content),
      plan_(plan),
      signals_(signals),
      reader_(content, plan),
      sha1_(plan.v1 ? plan.streams : 0),
      trees_(plan.v2 ? plan.streams : 0, hash::MerkleBuilder(piece_height(content, plan))) {}

BatchResult BatchHasher::hash(metainfo::PieceRange pieces) {
    BatchResult result;
    result.pieces.resize(pieces.end.value - pieces.first.value);
    const std::span<PieceHashes> out(result.pieces);
    for (std::size_t done = 0; done < out.size() && !signals_.stop;) {
        const auto count = std::min<std::size_t>(plan_.streams, out.size() - done);
        const metainfo::PieceIndex first(pieces.first.value + static_cast<std::uint32_t>(done));
        const metainfo::PieceIndex end(first.value + static_cast<std::uint32_t>(count));
        hash_row({first, end}, out.subspan(done, count));
        done += count;
    }
    result.faults = reader_.take_faults();
    return result;
}

void BatchHasher::hash_row(metainfo::PieceRange row, std::span<PieceHashes> out) {
    const auto& layout = content_.layout;
    data_sizes_.clear();
    std::uint64_t row_size = 0;
    for (auto piece = row.first; piece != row.end; ++piece) {
        data_sizes_.push_back(layout.piece_data_size(piece));
        row_size += layout.piece_size(piece);
    }
    reader_.start(row);
    std::uint64_t counted = 0;
    while (!signals_.stop && reader_.step()) {
        hash_chunks();
        std::uint64_t bytes = 0;
        for (const Bytes chunk : reader_.chunks()) bytes += chunk.size();
        signals_.bytes_done += bytes;
        counted += bytes;
    }
    if (row_size > counted) signals_.bytes_done += row_size - counted;  // of pieces that failed
    std::vector<hash::Sha1> v1(plan_.v1 ? out.size() : 0);
    sha1_.finish(v1);
    for (std::size_t place = 0; place < out.size(); ++place) {
        const metainfo::PieceIndex piece(row.first.value + static_cast<std::uint32_t>(place));
        out[place].complete = !reader_.failed(place);
        if (plan_.v1) out[place].v1 = v1[place];
        if (plan_.v2) out[place].v2 = finish_tree(piece, place);
    }
}

void BatchHasher::hash_chunks() {
    if (plan_.v1) sha1_.update(reader_.chunks());
    if (plan_.v2) hash_leaves();
}

// Hashes the blocks of every chunk into the trees, without pad bytes.
void BatchHasher::hash_leaves() {
    const auto chunks = reader_.chunks();
    const auto data = [&](std::size_t place) {
        const auto start = reader_.chunk_start(place);
        const auto size = data_sizes_[place];
        const auto left = size > start ? size - start : 0;
        return chunks[place].first(
            static_cast<std::size_t>(std::min<std::uint64_t>(left, chunks[place].size())));
    };
    leaves_.clear();
    for (std::size_t place = 0; place < chunks.size(); ++place)
        for (Bytes rest = data(place); !rest.empty();) {
            leaves_.push_back(rest.first(std::min<std::size_t>(metainfo::block_size, rest.size())));
            rest = rest.subspan(leaves_.back().size());
        }
    leaf_hashes_.resize(leaves_.size());
    hash::sha256_many(leaves_, leaf_hashes_);
    std::span<const hash::Sha256> hashes(leaf_hashes_);
    for (std::size_t place = 0; place < chunks.size(); ++place) {
        const auto count = metainfo::units(data(place).size(), metainfo::block_size);
        if (count == 0) continue;
        trees_[place].add(hashes.first(static_cast<std::size_t>(count)));
        hashes = hashes.subspan(static_cast<std::size_t>(count));
    }
}

hash::Sha256 BatchHasher::finish_tree(metainfo::PieceIndex piece, std::size_t place) {
    const auto tree = trees_[place].finish();
    const auto& layout = content_.layout;
    const auto& file = layout.file(layout.file_at(layout.piece_offset(piece)));
    if (tree.leaves == 0 || file.size <= layout.piece_length()) return tree.root;
    const auto height = hash::tree_height(tree.leaves);
    const auto piece_height = metainfo::piece_layer_height(layout.piece_length());
    // A piece that failed in the middle has fewer leaves; its hash is not asked for.
    return hash::subtree_root(std::span(&tree.root, 1), height, piece_height - height);
}

}  // namespace spate::creation
