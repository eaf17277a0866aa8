// Pieces and blocks: the arithmetic of the piece address space. Sizes and offsets in bytes, 64 bits wide;
// none of it wraps within limits.h.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "base/strong_index.h"

namespace spate::metainfo {

using PieceIndex = StrongIndex<struct PieceTag>;
using BlockIndex = StrongIndex<struct BlockTag>;  // within its piece
using FileIndex = StrongIndex<struct FileTag>;    // as in the torrent's list, pad files counted

inline constexpr std::uint32_t block_size = 16 << 10;  // what one request asks for; a v2 leaf

// How many units of that size (> 0) hold so many bytes.
constexpr std::uint64_t units(std::uint64_t bytes, std::uint64_t unit) {
    return bytes / unit + (bytes % unit != 0);
}

constexpr std::uint32_t block_count(std::uint32_t piece_size) {
    return static_cast<std::uint32_t>(units(piece_size, block_size));
}
constexpr std::uint32_t block_offset(BlockIndex block) {
    return block.value * block_size;
}
// Bytes of that block in a piece of that size; block < block_count(piece_size).
constexpr std::uint32_t block_length(std::uint32_t piece_size, BlockIndex block) {
    return std::min(block_size, piece_size - block_offset(block));
}

constexpr bool is_v2_piece_length(std::uint64_t length) {
    return length >= block_size && std::has_single_bit(length);
}
// Height of the piece layer over the leaves (hash/merkle.h); piece_length is a v2 one.
constexpr unsigned piece_layer_height(std::uint64_t piece_length) {
    return static_cast<unsigned>(std::countr_zero(piece_length / block_size));
}

// The piece length to take for that many bytes of files, when nobody says: a power of two, 32 KiB to 16 MiB,
// the least that gives at most 2,048 pieces (so up to 64 MiB: 32 KiB; 1 GiB: 512 KiB; 4 GiB: 2 MiB; from 32
// GiB on: 16 MiB). More only when 16 MiB would give more than piece_count_max pieces.
std::uint64_t default_piece_length(std::uint64_t total_size);

}  // namespace spate::metainfo
