#include "piece_store/read_ahead.h"

#include <algorithm>

namespace spate::piece_store {

using metainfo::PieceIndex;

ReadAhead::Range ReadAhead::chunk_of(PieceIndex piece, std::uint32_t offset) const {
    const auto start = offset / chunk * chunk;
    return {piece, start, std::min(chunk, layout_.piece_size(piece) - start)};
}

bool ReadAhead::make_room() {
    if (told_.size() < told_max) return true;
    const auto read = std::ranges::find(told_, true, &Told::was_read);
    if (read == told_.end()) return false;
    told_.erase(read);
    return true;
}

void ReadAhead::on_asked(PieceIndex piece, std::uint32_t offset) {
    const TimePoint now = reactor_.now();
    if (now >= slow_until_) return;
    drop_over(now);
    const Range range = chunk_of(piece, offset);
    if (std::ranges::find(told_, range, &Told::range) != told_.end() || !make_room()) return;
    told_.push_back({range, now});
    seat_->want();
}

// What waited for a job until it was read; what was told, or waited, so long that it may be asked for anew,
// or whoever asked may have gone.
void ReadAhead::drop_over(TimePoint now) {
    std::erase_if(
        told_, [&](const Told& one) { return now - one.since >= told_for || (one.was_read && !one.begun); });
}

bool ReadAhead::begin_job() {
    if (jobs_ == jobs_max) return false;
    const TimePoint now = reactor_.now();
    drop_over(now);
    const auto next = std::ranges::find(told_, false, &Told::begun);
    if (next == told_.end()) return false;
    next->begun = true;
    next->since = now;
    ++jobs_;
    seat_->submit([tell = tell_, range = next->range] { tell(range); },
                  [weak = weak_from_this()] {
                      const auto self = weak.lock();
                      if (!self) return;
                      --self->jobs_;
                      self->seat_->want();
                  });
    return true;
}

void ReadAhead::on_read(PieceIndex piece, std::uint32_t offset, Duration took) {
    const TimePoint now = reactor_.now();
    if (took >= slow) slow_until_ = now + slow_for;
    const auto found = std::ranges::find(told_, chunk_of(piece, offset), &Told::range);
    if (found != told_.end()) found->was_read = true;
}

}  // namespace spate::piece_store
