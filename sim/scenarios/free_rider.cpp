#include "sim/scenarios/free_rider.h"

#include <algorithm>

namespace spate::sim {

void FreeRider::feed(const FrameCutter::Frame& got, const piece_store::TestTorrent& torrent, Rng& rng,
                     RawFrames& out) {
    if (got.id == RawId::piece && got.body.size() > 8) on_taken_(got.body.size() - 8);
    if (got.id == RawId::piece || got.id == RawId::reject) --under_way_;
    if (got.id == RawId::choke) under_way_ = 0;
    if (got.id == RawId::choke || got.id == RawId::unchoke) served_ = got.id == RawId::unchoke;
    if (got.id == RawId::have && got.body.size() == 4) there_.push_back(number_at(got.body, 0));
    for (std::uint32_t i = 0; i < torrent.pieces(); ++i)
        if (got.id == RawId::have_all || (got.id == RawId::bitfield && i / 8 < got.body.size() &&
                                          (got.body[i / 8] & (0x80U >> (i % 8))) != 0))
            there_.push_back(i);
    for (; served_ && !there_.empty() && got.id != RawId::reject && under_way_ < 8; ++under_way_) {
        const auto index = there_[rng.below(there_.size())];
        const auto size = torrent.layout().piece_size(metainfo::PieceIndex(index));
        out.numbers(RawId::request, {index, 0, std::min<std::uint32_t>(16384, size)});
    }
}

}  // namespace spate::sim
