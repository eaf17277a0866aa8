// Piece layers from somebody else: octet 0 chooses the piece length, 1 and 2 the file's pieces, then the root
// and hashes. With the top bit of octet 0 the root is the right one, so that the good path is walked too.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "hash/merkle.h"
#include "metainfo/geometry.h"
#include "metainfo/piece_layers.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace spate;
    if (size < 35) return 0;
    const std::uint64_t piece_length = std::uint64_t{16384} << (data[0] & 15);
    const std::uint64_t pieces = 2 + ((data[1] << 8 | data[2]) & 0x3ff);
    hash::Sha256 root;
    std::copy_n(data + 3, 32, root.begin());
    const Bytes hashes(data + 35, size - 35);
    if ((data[0] & 0x80) != 0) {
        std::vector<hash::Sha256> layer(hashes.size() / 32);
        if (!layer.empty()) std::memcpy(layer.data(), hashes.data(), layer.size() * 32);
        root = hash::root_of_layer(layer, metainfo::piece_layer_height(piece_length));
    }
    metainfo::PieceLayers layers;
    const bool taken = layers.add(root, pieces * piece_length, piece_length, hashes).has_value();
    if (taken != (layers.find(root).size() == pieces)) std::abort();
    if ((data[0] & 0x80) != 0 && taken != (hashes.size() == pieces * 32)) std::abort();
    return 0;
}
