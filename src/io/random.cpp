#include "io/random.h"

#include <array>
#include <bit>

namespace spate::io {

std::uint64_t SecureRandom::next_u64() {
    std::array<std::uint8_t, 8> octets{};
    fill(octets);
    return std::bit_cast<std::uint64_t>(octets);
}

}  // namespace spate::io
