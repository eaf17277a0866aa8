#include "metainfo/bitfield.h"

#include <algorithm>
#include <bit>

#include "base/assert.h"

namespace spate::metainfo {

namespace {
std::uint8_t mask(PieceIndex piece) {
    return static_cast<std::uint8_t>(0x80U >> (piece.value % 8));
}
}  // namespace

Bitfield::Bitfield(std::uint32_t size, bool all) : bytes_(units(size, 8)), size_(size) {
    if (all) set_all();
}

std::optional<Bitfield> Bitfield::from_bytes(Bytes bytes, std::uint32_t size) {
    if (bytes.size() != units(size, 8)) return std::nullopt;
    if (size % 8 != 0 && (bytes.back() & (0xffU >> (size % 8))) != 0) return std::nullopt;
    Bitfield field;
    field.bytes_.assign(bytes.begin(), bytes.end());
    field.size_ = size;
    for (const auto byte : bytes) field.count_ += static_cast<std::uint32_t>(std::popcount(byte));
    return field;
}

bool Bitfield::has(PieceIndex piece) const {
    SPATE_ASSERT(piece.value < size_);
    return (bytes_[piece.value / 8] & mask(piece)) != 0;
}

bool Bitfield::set(PieceIndex piece) {
    if (has(piece)) return false;
    bytes_[piece.value / 8] |= mask(piece);
    ++count_;
    return true;
}

void Bitfield::add(const Bitfield& other) {
    SPATE_ASSERT(size_ == other.size_);
    count_ = 0;
    for (std::size_t i = 0; i < bytes_.size(); ++i) {
        bytes_[i] |= other.bytes_[i];
        count_ += static_cast<std::uint32_t>(std::popcount(bytes_[i]));
    }
}

bool Bitfield::reset(PieceIndex piece) {
    if (!has(piece)) return false;
    bytes_[piece.value / 8] &= static_cast<std::uint8_t>(~mask(piece));
    --count_;
    return true;
}

void Bitfield::set_all() {
    std::ranges::fill(bytes_, std::uint8_t{0xff});
    if (size_ % 8 != 0) bytes_.back() = static_cast<std::uint8_t>(0xff00U >> (size_ % 8));
    count_ = size_;
}

void Bitfield::clear() {
    std::ranges::fill(bytes_, std::uint8_t{0});
    count_ = 0;
}

bool Bitfield::has_any_not_in(const Bitfield& other) const {
    SPATE_ASSERT(size_ == other.size_);
    for (std::size_t i = 0; i < bytes_.size(); ++i)
        if ((bytes_[i] & ~other.bytes_[i]) != 0) return true;
    return false;
}

std::optional<PieceIndex> Bitfield::next(PieceIndex from, bool wanted) const {
    const std::uint8_t skip = wanted ? 0 : 0xff;
    for (auto i = from.value; i < size_;) {
        if (i % 8 == 0 && bytes_[i / 8] == skip) {
            i += 8;
            continue;
        }
        if (has(PieceIndex(i)) == wanted) return PieceIndex(i);
        ++i;
    }
    return std::nullopt;
}

}  // namespace spate::metainfo
