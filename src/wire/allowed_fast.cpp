#include "wire/allowed_fast.h"

#include <algorithm>

#include "wire/big_endian.h"

namespace spate::wire {

std::vector<PieceIndex> allowed_fast_set(const Address& peer, const hash::Sha1& swarm,
                                         std::uint32_t piece_count, std::size_t count) {
    std::vector<PieceIndex> set;
    if (!peer.is_v4()) return set;
    count = std::min<std::size_t>(count, piece_count);
    std::vector<std::uint8_t> seed(peer.octets().begin(), peer.octets().begin() + 3);
    seed.push_back(0);  // all of a /24 get the same set
    seed.insert(seed.end(), swarm.begin(), swarm.end());
    hash::Sha1 x = hash::sha1(seed);
    for (; set.size() < count; x = hash::sha1(x)) {
        for (std::size_t i = 0; i < x.size() && set.size() < count; i += 4) {
            const PieceIndex piece(read_u32(x.data() + i) % piece_count);
            if (std::ranges::find(set, piece) == set.end()) set.push_back(piece);
        }
    }
    return set;
}

}  // namespace spate::wire
