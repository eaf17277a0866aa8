#include "piece_store/idle_segments.h"

namespace spate::piece_store {

void IdleSegments::add(const Entry& entry) {
    entries_.push_back(entry);
    bytes_ += entry.bytes;
}

template <class Matches>
void IdleSegments::remove_if(Matches matches) {
    for (auto at = entries_.begin(); at != entries_.end();) {
        if (!matches(*at)) {
            ++at;
            continue;
        }
        bytes_ -= at->bytes;
        at = entries_.erase(at);
    }
}

void IdleSegments::remove_piece(SegmentOwner& owner, metainfo::PieceIndex piece) {
    remove_if([&](const Entry& entry) { return entry.owner == &owner && entry.piece == piece; });
}

void IdleSegments::remove_owner(SegmentOwner& owner) {
    remove_if([&](const Entry& entry) { return entry.owner == &owner; });
}

void IdleSegments::relieve() {
    if (bytes_ <= limit_) return;
    std::list<SegmentOwner*> owners;
    while (bytes_ > limit_ - limit_ / 4) {
        const auto oldest = entries_.front();
        entries_.pop_front();
        bytes_ -= oldest.bytes;
        oldest.owner->flush_early(oldest.piece, oldest.segment);
        if (owners.empty() || owners.back() != oldest.owner) owners.push_back(oldest.owner);
    }
    for (auto* const owner : owners) owner->flush_now();
}

}  // namespace spate::piece_store
