#include "metainfo/geometry.h"

#include "metainfo/limits.h"

namespace spate::metainfo {

std::uint64_t default_piece_length(std::uint64_t total_size) {
    constexpr std::uint64_t least = 32 << 10;
    constexpr std::uint64_t most = 16 << 20;
    constexpr std::uint64_t pieces = 2048;
    std::uint64_t length = least;
    while (length < most && units(total_size, length) > pieces) length *= 2;
    while (length < piece_length_max && units(total_size, length) > piece_count_max) length *= 2;
    return length;
}

}  // namespace spate::metainfo
