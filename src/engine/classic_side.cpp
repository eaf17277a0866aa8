#include "engine/classic_side.h"

namespace spate::engine {

void ClassicSide::serve(const ClassicEntry& entry, const metainfo::FileLayout& layout,
                        piece_store::PieceStore& store, const metainfo::Bitfield& shown) {
    served_ =
        std::make_unique<ClassicShare>(share_.world, share_.classic, entry.name, layout, store, shown, up_);
}

void ClassicSide::fetch(const ClassicEntry& entry, const metainfo::FileLayout& layout, Downloads& downloads,
                        PeerTable& peers, ClassicSourcesOwner& owner) {
    sources_ = std::make_unique<ClassicSources>(share_.world, entry, layout, downloads, peers, down_,
                                                share_.rng, owner);
    sources_->start(share_.options.classic_after);
}

void ClassicSide::on_there(metainfo::PieceIndex piece) {
    if (served_) served_->on_there(piece);
}

void ClassicSide::on_lost() {
    if (served_) served_->offer_again();
}

void ClassicSide::stop_fetching() {
    if (sources_) sources_->stop();
}

void ClassicSide::fetch_again() {
    if (sources_) sources_->start(share_.options.classic_after);
}

void ClassicSide::fill(TimePoint now) {
    if (sources_) sources_->fill(now);
}

void ClassicSide::on_shown_wrong(const Endpoint& sender) {
    if (sources_) sources_->on_shown_wrong(sender);
}

}  // namespace spate::engine
