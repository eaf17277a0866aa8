// ByteQueue: octets in, octets out, in order. Unbounded by itself: its owner keeps the cap.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "base/bytes.h"

namespace spate::sim {

class ByteQueue {
  public:
    std::size_t size() const { return bytes_.size() - head_; }
    bool empty() const { return size() == 0; }
    void push(Bytes bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
    void push_front(Bytes bytes) {
        drop_taken();
        bytes_.insert(bytes_.begin(), bytes.begin(), bytes.end());
    }
    // into.size() octets; at most size().
    void take(MutableBytes into) {
        const auto first = bytes_.begin() + static_cast<std::ptrdiff_t>(head_);
        std::copy_n(first, into.size(), into.begin());
        head_ += into.size();
        if (head_ > bytes_.size() / 2) drop_taken();
    }
    void clear() {
        bytes_.clear();
        head_ = 0;
    }

  private:
    void drop_taken() {
        bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(head_));
        head_ = 0;
    }
    std::vector<std::uint8_t> bytes_;
    std::size_t head_ = 0;
};

}  // namespace spate::sim
