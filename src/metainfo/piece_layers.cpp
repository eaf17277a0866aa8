#include "metainfo/piece_layers.h"

#include <cstring>

#include "base/assert.h"
#include "hash/merkle.h"
#include "metainfo/fields.h"
#include "metainfo/geometry.h"

namespace spate::metainfo {

Result<void> PieceLayers::add(const hash::Sha256& root, std::uint64_t file_size, std::uint64_t piece_length,
                              Bytes hashes) {
    SPATE_ASSERT(is_v2_piece_length(piece_length) && file_size > piece_length);
    const auto pieces = units(file_size, piece_length);
    if (hashes.size() / root.size() != pieces || hashes.size() % root.size() != 0)
        return refuse("piece layers", std::to_string(hashes.size()) + " bytes for a file of " +
                                          std::to_string(pieces) + " pieces");
    std::vector<hash::Sha256> layer(static_cast<std::size_t>(pieces));
    std::memcpy(layer.data(), hashes.data(), hashes.size());
    if (hash::root_of_layer(layer, piece_layer_height(piece_length)) != root)
        return refuse("piece layers", "hashes do not lead to the file's root");
    layers_.insert_or_assign(root, std::move(layer));
    return {};
}

std::span<const hash::Sha256> PieceLayers::find(const hash::Sha256& root) const {
    const auto found = layers_.find(root);
    return found == layers_.end() ? std::span<const hash::Sha256>{} : found->second;
}

}  // namespace spate::metainfo
