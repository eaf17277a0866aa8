// Merkle layers and proofs. A hostile proof (taken from the input as it is) must be refused or be the true
// one; our own proofs must hold; the builder must agree with the layers.
#include <bit>
#include <cstring>

#include "base/assert.h"
#include "hash/merkle.h"

using namespace spate::hash;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 4) return 0;
    const std::size_t leaves = 1 + data[0];
    const unsigned piece_height = data[1] % 8;
    const std::uint64_t index = data[2] % leaves;
    const std::size_t own = data[3] % 16;
    std::vector<Sha256> hashes((size - 4) / sizeof(Sha256));
    if (!hashes.empty()) std::memcpy(hashes.data(), data + 4, hashes.size() * sizeof(Sha256));

    std::vector<Sha256> layer(leaves);
    for (std::size_t i = 0; i < leaves; ++i)
        if (i < hashes.size()) layer[i] = hashes[i];
    MerkleBuilder builder(piece_height);
    const std::size_t first = data[3] % (leaves + 1);
    builder.add(std::span(layer).first(first));
    builder.add(std::span(layer).subspan(first));
    const auto tree = builder.finish();
    SPATE_ASSERT(tree.root == root_of_layer(layer, 0));
    if (!tree.piece_layer.empty()) SPATE_ASSERT(tree.root == root_of_layer(tree.piece_layer, piece_height));

    const unsigned levels = tree_height(leaves);
    const auto uncles = build_proof(layer, 0, index, 1);
    SPATE_ASSERT(verify_proof(std::span(layer).subspan(index, 1), index, uncles, levels, tree.root));
    const std::span all(hashes);
    const auto nodes = all.first(std::min(own, all.size()));
    const auto claimed = all.subspan(nodes.size());
    if (verify_proof(nodes, index, claimed, levels, tree.root))
        SPATE_ASSERT(std::ranges::equal(claimed, build_proof(layer, 0, index, nodes.size())));
    verify_proof(nodes, index, claimed, data[1], tree.root);
    return 0;
}
