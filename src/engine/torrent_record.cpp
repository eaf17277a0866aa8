#include "engine/torrent_record.h"

#include <utility>

#include "engine/torrent_bytes.h"

namespace spate::engine {

TorrentRecord::~TorrentRecord() {
    *alive_ = false;
}

std::optional<piece_store::StoredState> TorrentRecord::state(const std::string& folder,
                                                             const metainfo::FileLayout& layout) const {
    if (!is_of(folder)) return std::nullopt;
    return piece_store::read_state(row_->state, layout);
}

void TorrentRecord::keep(piece_store::PieceStore& store, const std::string& folder,
                         const metainfo::Metainfo& metainfo) {
    if (!share_.resume) return;
    store_ = &store;
    piece_store::ResumeRow row;
    if (is_of(folder)) row = std::move(*row_);
    row.key = key_;
    row.folder = folder;
    row.metainfo = torrent_bytes(metainfo);
    const piece_store::Checkpoints::Totals before{row.downloaded, row.uploaded};
    phase_ = Phase::storing;
    row_ = row;
    share_.resume->put(std::move(row), [this, before, alive = alive_](const Result<void>& stored) {
        if (*alive) on_stored(stored, before);
    });
}

void TorrentRecord::on_stored(const Result<void>& stored, const piece_store::Checkpoints::Totals& before) {
    phase_ = Phase::none;
    if (!stored) {
        const bool first = !wait_.waiting();
        wait_.on_trouble(stored.error(), share_.now());
        return owner_.on_record_not_kept(stored.error(), first);
    }
    row_.reset();
    wait_.on_well();
    share_.checkpoints->add(*store_, key_, [this, before] {
        const auto now = owner_.on_totals_asked();
        return piece_store::Checkpoints::Totals{before.downloaded + now.downloaded,
                                                before.uploaded + now.uploaded};
    });
    phase_ = Phase::kept;
    owner_.on_record_kept();
}

void TorrentRecord::leave() {
    if (kept()) share_.checkpoints->remove(*store_);
    phase_ = Phase::none;
}

void TorrentRecord::sync(piece_store::PieceStore& store, Done done) {
    if (kept()) return share_.checkpoints->flush(store, std::move(done));
    store.sync(piece_store::PieceStore::Closing::no,
               [done = std::move(done)](const Result<piece_store::StoredState>& state) mutable {
                   done(state ? Result<void>() : Result<void>(fail(state.error())));
               });
}

void TorrentRecord::flush(Done done) {
    if (kept()) return share_.checkpoints->flush(*store_, std::move(done));
    share_.world.reactor.post([done = std::move(done)]() mutable { done({}); });
}

void TorrentRecord::set_folder(std::string folder, Done done) {
    if (!share_.resume) return done({});
    share_.resume->set_folder(key_, std::move(folder), std::move(done));
}

}  // namespace spate::engine
