// PieceStore: what is on the disk for good, what is lost again, and what waits because the disk does not take
// it.
#include <algorithm>
#include <chrono>
#include <utility>

#include "piece_store/piece_store_impl.h"
#include "piece_store/pool_job.h"

namespace spate::piece_store {
namespace {
// Blocks of a piece that was begun later are not worth writing twice: it may be whole in a moment.
constexpr Duration whole_soon = std::chrono::seconds(1);
}  // namespace

using metainfo::Bitfield;
using metainfo::FileIndex;
using metainfo::PieceIndex;

// --- states that may claim something

std::optional<StoredState> PieceStore::Impl::take_baseline() {
    // The state that is being made is newer.
    if (!may_claim() || syncs_.under_way()) return std::nullopt;
    return claims_.take_baseline();
}

void PieceStore::Impl::set_on_unsaved(std::move_only_function<void()> on_unsaved) {
    if (on_unsaved) syncs_.note_change();  // no state that was given before went there
    claims_.set_keeper(std::move(on_unsaved));
}

// What is gone must be claimed no more before it is written to.
void PieceStore::Impl::note_loss() {
    syncs_.note_change();
    claims_.on_loss();
    intake_->hold(true);
}

void PieceStore::Impl::saved() {
    const auto self = shared_from_this();
    auto tasks = claims_.saved();
    if (!claims_.hold()) {
        files_->allow_spoiled();
        update_hold();
    }
    for (auto& task : tasks)
        if (events_ != nullptr) task({});
    if (events_ != nullptr) tell_if_well();
}

// Nothing can make sure now that a restart knows the files; but only what a saved state may claim is in
// danger.
void PieceStore::Impl::not_saved(const Error& error) {
    const auto self = shared_from_this();
    for (auto& task : claims_.not_saved())
        if (events_ != nullptr) task(fail(error));
    if (events_ == nullptr) return;
    if (claims_.stuck()) return tell_trouble(error);
    update_hold();
}

// --- trouble

void PieceStore::Impl::on_write_failed(const Error& error) {
    const auto self = shared_from_this();
    files_->any_spoiled() ? lose_spoiled() : tell_trouble(error);
}

void PieceStore::Impl::tell_trouble(const Error& error) {
    in_trouble_ = true;
    events_->on_disk_trouble(error);
}

void PieceStore::Impl::tell_if_well() {
    if (!in_trouble_ || intake_->stuck() || syncs_.refused() || claims_.stuck()) return;
    in_trouble_ = false;
    events_->on_disk_well();
}

bool PieceStore::Impl::retry() {
    const bool waits = intake_->retry();
    return waits || claims_.stuck();
}

// --- losses

// A write or a sync found a file gone that was there, or we removed it.
void PieceStore::Impl::lose_spoiled() {
    const auto spoiled = files_->take_spoiled();
    if (spoiled.empty()) return;
    std::vector<PieceIndex> lost;
    for (const auto file : spoiled) {
        const auto pieces = pieces_of(file, have());
        lost.insert(lost.end(), pieces.begin(), pieces.end());
    }
    const auto self = shared_from_this();
    const auto why =
        Error::invalid("write", where_->folder(), "a file was removed or cut short", std::errc::io_error);
    lose(lost, why, Claim::saved);
    if (events_ != nullptr) give_up_unfinished(spoiled, why);
    if (events_ == nullptr || claims_.any()) return;
    // The disk is well: what waits is written as soon as nothing claims the file that is gone.
    files_->allow_spoiled();
    intake_->retry();
}

void PieceStore::Impl::tell_begun() {
    if (!files_->take_begun()) return;
    syncs_.note_change();
    claims_.want_state();
}

void PieceStore::Impl::tell_unsaved() {
    if (waits_for_state() && may_claim()) claims_.want_state();
}

std::vector<PieceIndex> PieceStore::Impl::pieces_of(FileIndex file, const Bitfield& among) const {
    std::vector<PieceIndex> found;
    const auto count = layout().piece_count();
    // Of the part file, which any piece may have a part in: all.
    const auto range = file == files_->part_file() ? metainfo::PieceRange{PieceIndex(0), PieceIndex(count)}
                                                   : layout().pieces_of(file);
    for (auto piece = among.next_set(range.first); piece && *piece < range.end;
         piece = among.next_set(piece->next()))
        found.push_back(*piece);
    return found;
}

void PieceStore::Impl::lose(const std::vector<PieceIndex>& pieces, const Error& why, Claim claim) {
    if (claim == Claim::saved && claims_.any()) note_loss();
    std::vector<PieceIndex> lost;
    for (const auto piece : pieces) {
        reader_->drop(piece);
        if (held_.lose(piece)) lost.push_back(piece);
    }
    if (lost.empty()) return;
    syncs_.note_change();
    events_->on_lost(lost, why);
}

// Blocks of unfinished pieces in those files are not what was written there, though they may still be read
// so. All at once: what is told of them may bring the next loss.
void PieceStore::Impl::give_up_unfinished(std::span<const FileIndex> files, const Error& why) {
    Bitfield pieces(layout().piece_count());
    intake_->add_unfinished(pieces);
    Bitfield of_files(layout().piece_count());
    for (const auto file : files)
        for (const auto piece : pieces_of(file, pieces)) {
            of_files.set(piece);
            end_doubt(piece);
        }
    intake_->give_up_on_disk(of_files, why);
}

// --- sync

void PieceStore::Impl::sync(Closing closing, SyncDone done) {
    if (syncs_.under_way() || where_->in_between()) {
        if (closing == Closing::yes) syncs_.hurry();
        syncs_.wait([this, closing, done = std::move(done)]() mutable { sync(closing, std::move(done)); });
        return;
    }
    syncs_.begin();
    if (closing == Closing::yes) syncs_.hurry();
    syncs_.in_turn(files_->disk(), [this, closing, done = std::move(done)]() mutable {
        begin_sync(closing, std::move(done));
    });
}

// In its turn: with what is to be written before, or else at once.
void PieceStore::Impl::begin_sync(Closing closing, SyncDone done) {
    const auto now = world_.reactor.now();
    if (!intake_->take_begun(closing == Closing::yes ? now : now - whole_soon))
        return start_sync(closing, std::move(done));
    intake_->flush(syncs_.pool(), [this, closing, done = std::move(done)]() mutable {
        syncs_.in_turn(files_->disk(), [this, closing, done = std::move(done)]() mutable {
            start_sync(closing, std::move(done));
        });
    });
}

// What is in doubt may be right: whoever opens the files next looks at it, unless we write something else
// there.
StoredState PieceStore::Impl::state_of_pieces() const {
    StoredState state{.have = have(), .unfinished = intake_->on_disk(), .unchecked = doubts_.pieces()};
    if (check_) state.unchecked.add(check_->pieces());
    std::erase_if(state.unfinished, [&](const auto& one) {
        const bool whole = std::ranges::find(one.second, false) == one.second.end();
        whole ? state.unchecked.set(one.first) : state.unchecked.reset(one.first);
        return whole;
    });
    return state;
}

void PieceStore::Impl::start_sync(Closing closing, SyncDone done) {
    auto claimed = held_.take_fresh();
    const auto mark = claims_.marked();
    run_job(
        syncs_.pool(), weak_from_this(),
        [files = files_, pieces = state_of_pieces(), closing]() mutable {
            return files->sync(std::move(pieces), closing == Closing::yes);
        },
        [claimed = std::move(claimed), done = std::move(done), mark](Impl& self,
                                                                     FileSet::Synced result) mutable {
            self.syncs_.end();
            if (self.events_ == nullptr) return;
            if (result.failed.empty() && !result.names) self.claims_.given(mark);
            self.synced(std::move(result), claimed, std::move(done));
            self.end_sync();
        });
}

void PieceStore::Impl::end_sync() {
    if (events_ != nullptr && !where_->in_between()) syncs_.run_next();
}

void PieceStore::Impl::synced(FileSet::Synced result, const Bitfield& claimed, SyncDone done) {
    if (!result.settled || result.names) syncs_.note_change();
    std::optional<Error> error = result.names;
    if (!result.failed.empty()) error = result.failed.back().error;
    const auto self = shared_from_this();
    if (!error) {
        syncs_.set_refused(false);
        tell_if_well();
        return done(std::move(result.state));
    }
    sync_failed(result, claimed, *error);
    done(fail(std::move(*error)));
}

// What it was for counts as lost, and what was written since may be.
void PieceStore::Impl::sync_failed(const FileSet::Synced& result, const Bitfield& claimed,
                                   const Error& error) {
    syncs_.note_change();
    // What the others synced is not claimed yet, and may be lost with a later sync.
    held_.put_back(claimed);
    std::vector<FileIndex> refused;
    std::vector<PieceIndex> lost;
    for (const auto& failure : result.failed) {
        if (failure.gone) continue;
        refused.push_back(failure.file);
        const auto pieces = pieces_of(failure.file, held_.fresh());
        lost.insert(lost.end(), pieces.begin(), pieces.end());
    }
    syncs_.set_refused(result.names || !refused.empty());
    lose(lost, error, Claim::none);
    if (events_ != nullptr) give_up_unfinished(refused, error);
    if (events_ != nullptr) lose_spoiled();
    if (events_ != nullptr && syncs_.refused()) tell_trouble(error);
}

}  // namespace spate::piece_store
