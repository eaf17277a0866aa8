// BlockView: bytes of a piece to send, without a copy of their own: a part of a window (window_cache.h) that
// stays in memory as long as a view of it is there. Thread: the reactor's.
#pragma once

#include <utility>

#include "base/bytes.h"
#include "piece_store/window.h"

namespace spate::piece_store {

class BlockView {
  public:
    BlockView() = default;
    // bytes: of `window`, which keeps them.
    BlockView(Window window, Bytes bytes) : window_(std::move(window)), bytes_(bytes) {}

    Bytes bytes() const { return bytes_; }
    bool shares_window(const BlockView& other) const { return window_ && window_ == other.window_; }
    // Kept by it, however small it is itself.
    std::size_t memory() const { return window_ ? window_->memory() : bytes_.size(); }

  private:
    Window window_;
    Bytes bytes_;
};

}  // namespace spate::piece_store
