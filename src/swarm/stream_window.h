// StreamWindow: deadlines for somebody who looks at a torrent from first to last while it comes: of the
// missing pieces in order, the next few are wanted one after the other, as fast as the download brings
// pieces. So a slow peer that holds the next piece is not waited for (PiecePicker::set_deadline). Policy;
// memory: none to speak of. Limits: pieces_max and bytes_max ahead. Owner: a torrent's downloads. One thread.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/time.h"
#include "metainfo/file_layout.h"
#include "swarm/piece_picker.h"

namespace spate::swarm {

class StreamWindow {
  public:
    static constexpr std::uint32_t pieces_max = 16;
    static constexpr std::uint64_t bytes_max = 16 << 20;  // but two pieces at least
    static constexpr std::uint64_t rate_min = 64 << 10;   // bytes a second that are counted on

    explicit StreamWindow(const metainfo::FileLayout& layout) : layout_(layout) {}

    // Every second or so. `rate`: of the download, bytes a second.
    void update(PiecePicker& picker, std::uint64_t rate, TimePoint now);
    // Pieces below it are there, or have their deadline.
    PieceIndex end() const { return end_; }

  private:
    const metainfo::FileLayout& layout_;
    PieceIndex begin_{};  // nothing below it is missing, but for what was lost later
    PieceIndex end_{};
    TimePoint last_{};  // deadline given last
};

}  // namespace spate::swarm
