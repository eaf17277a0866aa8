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
    // What it keeps in memory.
    std::size_t window_bytes() const { return window_ ? window_->bytes().size() : bytes_.size(); }

  private:
    Window window_;
    Bytes bytes_;
};

}  // namespace spate::piece_store
