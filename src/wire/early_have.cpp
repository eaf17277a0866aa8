#include "wire/early_have.h"

#include "wire/limits.h"

namespace spate::wire {

void EarlyHave::take(const BitfieldMessage& message) {
    bits_.assign(message.bytes.begin(), message.bytes.end());
    exact_ = bits_.size();
}

bool EarlyHave::take(const Have& message) {
    const std::uint32_t piece = message.piece.value;
    if (piece >= metainfo::piece_count_max) return false;
    if (bits_.size() <= piece / 8) bits_.resize(piece / 8 + 1);
    bits_[piece / 8] = static_cast<std::uint8_t>(bits_[piece / 8] | 0x80U >> piece % 8);
    return true;
}

void EarlyHave::take_back(PieceIndex piece) {
    all_ = false;
    if (piece.value / 8 >= bits_.size()) return;
    std::uint8_t& octet = bits_[piece.value / 8];
    octet = static_cast<std::uint8_t>(octet & ~(0x80U >> piece.value % 8));
}

std::optional<metainfo::Bitfield> EarlyHave::resolve(std::uint32_t piece_count) const {
    const std::size_t size = metainfo::units(piece_count, 8);
    if (bits_.size() > size || (exact_ && *exact_ != size)) return std::nullopt;
    std::vector<std::uint8_t> bits = bits_;
    bits.resize(size);
    const auto named = metainfo::Bitfield::from_bytes(bits, piece_count);
    return named && all_ ? metainfo::Bitfield(piece_count, true) : named;
}

}  // namespace spate::wire
