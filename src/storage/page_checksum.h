// The checksum of one database page: finds what a disk gets wrong (flipped bits, zeroed or misplaced pages),
// not what an attacker changes. Pure.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "base/bytes.h"

namespace spate::storage {

// Over `content` (a multiple of 8 bytes) and where in the file the page stands. Any change inside one 8-byte
// word is found for sure: each step is a bijection of the sum for a given word, and of the word for a given
// sum.
inline std::uint64_t page_checksum(Bytes content, std::uint64_t offset) {
    static_assert(std::endian::native == std::endian::little, "the stored sum would depend on the machine");
    std::uint64_t sum = offset ^ 0x9e3779b97f4a7c15U;
    for (std::size_t i = 0; i < content.size(); i += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, content.data() + i, 8);
        sum = std::rotl((sum ^ word) * 0xff51afd7ed558ccdU, 31);
    }
    return sum;
}

}  // namespace spate::storage
