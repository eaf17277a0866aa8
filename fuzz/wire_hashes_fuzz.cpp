// Any hash request and any answer, against a small tree: valid requests are answered, the answer is verified,
// and nothing else is believed. Input: 20 bytes of request, then an answer.
#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "wire/big_endian.h"
#include "wire/hash_exchange.h"
#include "wire/limits.h"

using namespace spate;
using namespace spate::wire;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 20) return 0;
    const std::size_t leaf_count = 1 + read_u16(data) % 150U;
    HashTree tree{.root = {}, .leaves = leaf_count, .piece_height = data[2] % 6U};
    std::vector<hash::Sha256> leaves(leaf_count);
    for (std::size_t i = 0; i < leaf_count; ++i) std::memcpy(leaves[i].data(), &i, sizeof i);
    hash::MerkleBuilder builder(tree.piece_height);
    builder.add(leaves);
    const auto built = builder.finish();
    tree.root = built.root;

    HashRequest request{.root = tree.root,
                        .base_layer = read_u32(data + 4) % (data[3] < 128 ? 16 : UINT32_MAX),
                        .index = read_u32(data + 8),
                        .length = read_u32(data + 12),
                        .proof_layers = read_u32(data + 16)};
    if (data[3] % 2 != 0) request.length = 1U << request.length % 16;
    if (data[3] % 4 >= 2) request.index = request.index % 64 * request.length;
    if (data[3] % 8 >= 4) request.proof_layers %= 12;
    if (!is_valid_hash_request(request, tree)) return 0;
    SPATE_ASSERT(request.length <= hashes_served_max);

    const PieceTree pieces(tree, built.piece_layer);
    const auto range = pieces_for(request, tree);
    const auto first = std::size_t{range.first.value} << tree.piece_height;
    const auto end = std::min(std::size_t{range.end.value} << tree.piece_height, leaf_count);
    const auto answer = pieces.answer(
        request, std::span(leaves).subspan(range.empty() ? 0 : first, range.empty() ? 0 : end - first));
    SPATE_ASSERT(answer.size() == hashes_expected(request));
    const HashRequest whole = request_of(tree, request.base_layer, request.index, request.length);
    if (request == whole) SPATE_ASSERT(verify_hashes(request, tree, octets(answer)));
    const Bytes claimed(data + 20, size - 20);
    if (verify_hashes(whole, tree, claimed))
        SPATE_ASSERT(std::ranges::equal(claimed.first(request.length * 32),
                                        octets(answer).first(request.length * 32)));
    return 0;
}
