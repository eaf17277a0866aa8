// StrongIndex: a 32-bit index that mixes with no other kind of index: a piece is no file.
// using PieceIndex = StrongIndex<struct PieceTag>;
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace spate {

template <class Tag>
struct StrongIndex {
    std::uint32_t value = 0;

    constexpr StrongIndex() = default;
    constexpr explicit StrongIndex(std::uint32_t v) : value(v) {}
    constexpr auto operator<=>(const StrongIndex&) const = default;
    constexpr StrongIndex& operator++() {
        ++value;
        return *this;
    }
    constexpr StrongIndex next() const { return StrongIndex(value + 1); }
};

}  // namespace spate

template <class Tag>
struct std::hash<spate::StrongIndex<Tag>> {
    std::size_t operator()(spate::StrongIndex<Tag> index) const noexcept {
        return std::hash<std::uint32_t>{}(index.value);
    }
};
