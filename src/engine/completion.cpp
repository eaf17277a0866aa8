#include "engine/completion.h"

#include <utility>

namespace spate::engine {

void Completion::on_state(TorrentState state) {
    fetched_ = fetched_ || state == TorrentState::downloading;
    if (state != TorrentState::seeding) told_ = false;
}

void Completion::sync(piece_store::PieceStore& store) {
    if (syncing_ != Syncing::no) {
        syncing_ = Syncing::once_more;
        return;
    }
    syncing_ = Syncing::yes;
    record_.sync(store, [this, &store, alive = alive_](const Result<void>& synced) {
        if (*alive) on_synced(store, synced);
    });
}

void Completion::on_synced(piece_store::PieceStore& store, const Result<void>& synced) {
    const bool once_more = std::exchange(syncing_, Syncing::no) == Syncing::once_more;
    if (!owner_.is_whole()) return;
    if (once_more) return sync(store);
    if (!synced) return owner_.on_not_synced(synced.error());
    told_ = true;
    owner_.on_complete(std::exchange(fetched_, false));
}

}  // namespace spate::engine
