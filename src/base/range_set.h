// RangeSet: a set of byte positions kept as sorted, disjoint, non-touching half-open ranges [start, end).
// What a peer has, what is still missing. All operations keep that form. Size is the number of ranges; owners
// cap it where a peer feeds it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace spate {

struct ByteRange {
    std::uint64_t start = 0;
    std::uint64_t end = 0;  // one past the last byte
    std::uint64_t size() const { return end - start; }
    bool empty() const { return end <= start; }
    auto operator<=>(const ByteRange&) const = default;
};

class RangeSet {
  public:
    void add(ByteRange range);
    void remove(ByteRange range);
    void clear() { ranges_.clear(); }

    bool contains(ByteRange range) const;  // the whole of it; an empty range always
    bool intersects(ByteRange range) const;
    // The first part of the set inside `within`, or nothing.
    std::optional<ByteRange> first_in(ByteRange within) const;
    // The first part of `within` that is not in the set, or nothing.
    std::optional<ByteRange> first_gap(ByteRange within) const;
    std::uint64_t total() const;
    std::size_t count() const { return ranges_.size(); }
    bool empty() const { return ranges_.empty(); }
    std::vector<ByteRange> ranges() const;
    bool operator==(const RangeSet&) const = default;

  private:
    std::map<std::uint64_t, std::uint64_t> ranges_;  // start -> end
};

}  // namespace spate
