// Window: a stretch of pieces read into memory, to send blocks from. It stays as long as somebody holds it.
// Thread: made on any, then unchanging.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "base/bytes.h"
#include "piece_store/buffer_budget.h"

namespace spate::piece_store {

class WindowBuffer {
  public:
    // size: of the buffer's bytes, those that were read.
    WindowBuffer(Buffer buffer, std::size_t size) : buffer_(std::move(buffer)), size_(size) {}
    Bytes bytes() const { return {buffer_.data(), size_}; }
    // What it takes: of a small piece far more than its bytes.
    std::size_t memory() const { return buffer_.size(); }

  private:
    const Buffer buffer_;
    const std::size_t size_;
};

using Window = std::shared_ptr<const WindowBuffer>;

}  // namespace spate::piece_store
