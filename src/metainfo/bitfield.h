// Bitfield: which pieces are there. Fixed number of bits, kept in the wire's form (BEP 3: piece 0 is the high
// bit of byte 0, spare bits zero), so that it goes out as it is. Memory: a byte for eight pieces, at most 512
// KiB.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "metainfo/geometry.h"

namespace spate::metainfo {

class Bitfield {
  public:
    Bitfield() = default;
    explicit Bitfield(std::uint32_t size, bool all = false);
    // From the wire. Nothing when the length is not that of `size` bits or a spare bit is set.
    static std::optional<Bitfield> from_bytes(Bytes bytes, std::uint32_t size);

    std::uint32_t size() const { return size_; }    // bits
    std::uint32_t count() const { return count_; }  // bits that are set
    bool none() const { return count_ == 0; }
    bool all() const { return count_ == size_; }
    bool has(PieceIndex piece) const;
    // Those of another one of its size, too.
    void add(const Bitfield& other);
    // True if that changed it.
    bool set(PieceIndex piece);
    bool reset(PieceIndex piece);
    void set_all();
    void clear();

    // The first piece at or after `from` that is set (or not), or nothing.
    std::optional<PieceIndex> next_set(PieceIndex from) const { return next(from, true); }
    std::optional<PieceIndex> next_clear(PieceIndex from) const { return next(from, false); }
    // Whether some piece is in this and not in `other`, of the same size.
    bool has_any_not_in(const Bitfield& other) const;

    Bytes bytes() const { return bytes_; }
    bool operator==(const Bitfield&) const = default;

  private:
    std::optional<PieceIndex> next(PieceIndex from, bool wanted) const;
    std::vector<std::uint8_t> bytes_;
    std::uint32_t size_ = 0;
    std::uint32_t count_ = 0;
};

}  // namespace spate::metainfo
