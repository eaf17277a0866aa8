// Offer: what a peer serves of its file right now. The whole of it until its first updatetracker (the tracker
// checks possession then), afterwards only what it has announced; `promised` is what it is still going to.
// Pure; a value.
#pragma once

#include "base/range_set.h"

namespace spate::classic_peer {

class Offer {
  public:
    Offer() = default;
    explicit Offer(std::uint64_t size) : size_(size) {}

    std::uint64_t size() const { return size_; }
    void promise(ByteRange range) { promised_.add(range); }
    void announce(ByteRange range) { announced_.add(range); }
    void open_whole(bool open) { whole_ = open; }
    void withdraw() { *this = Offer(size_); }

    bool has(ByteRange range) const { return range.end <= size_ && (whole_ || announced_.contains(range)); }
    // Not now, but later.
    bool will_have(ByteRange range) const { return !has(range) && promised_.contains(range); }
    const RangeSet& announced() const { return announced_; }

  private:
    std::uint64_t size_ = 0;
    bool whole_ = false;
    RangeSet announced_;
    RangeSet promised_;
};

}  // namespace spate::classic_peer
