// Bytes: a view of octets that somebody else owns. Text protocols look at the same octets as
// std::string_view.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace spate {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

inline Bytes as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace spate
