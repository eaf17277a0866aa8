#include "swarm/stream_window.h"

#include <algorithm>

namespace spate::swarm {

void StreamWindow::update(PiecePicker& picker, std::uint64_t rate, TimePoint now) {
    const auto wanted = [&](PieceIndex piece) {
        return !picker.have().has(piece) && picker.priority(piece) > 0;
    };
    while (begin_.value < layout_.piece_count() && !wanted(begin_)) ++begin_;
    const double second = static_cast<double>(std::max(rate, rate_min));
    std::uint32_t pieces = 0;
    std::uint64_t bytes = 0;
    for (PieceIndex piece = begin_; piece.value < layout_.piece_count(); ++piece) {
        if (!wanted(piece)) continue;
        if (pieces >= 2 && (pieces == pieces_max || bytes >= bytes_max)) return;
        ++pieces;
        bytes += layout_.piece_size(piece);
        if (piece < end_) continue;
        const std::chrono::duration<double> time(static_cast<double>(layout_.piece_size(piece)) / second);
        last_ = std::max(last_, now) + std::chrono::duration_cast<Duration>(time);
        picker.set_deadline(piece, last_);
        end_ = piece.next();
    }
    end_ = PieceIndex(layout_.piece_count());
}

}  // namespace spate::swarm
