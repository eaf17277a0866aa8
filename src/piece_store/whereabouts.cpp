// PieceStore: its files go to another folder (file_set_move.cpp says how). Between the move and the word of
// it nothing is written and nothing synced: no state may claim what only one of the two places has.
#include <utility>

#include "piece_store/piece_store_impl.h"
#include "piece_store/pool_job.h"

namespace spate::piece_store {

using metainfo::FileIndex;

void PieceStore::Impl::answer_later(Done done, Result<void> result) {
    world_.reactor.post(
        [weak = weak_from_this(), done = std::move(done), result = std::move(result)]() mutable {
            const auto self = weak.lock();
            if (self && self->events_ != nullptr) done(std::move(result));
        });
}

Error PieceStore::Impl::busy(const char* operation) const {
    return Error::invalid(operation, options_.folder, "its files are being moved",
                          std::errc::device_or_resource_busy);
}

void PieceStore::Impl::move_to(std::string folder, Say say, Done done) {
    if (move_) return answer_later(std::move(done), fail(busy("move from")));
    if (folder == options_.folder) return answer_later(std::move(done), {});
    move_.emplace(std::move(folder), std::move(say), std::move(done));
    if (!claims_.any() || options_.read_only) return begin_move();
    files_->intend_move(move_->folder);
    changed_ = true;
    claims_.when_saved([this](const Result<void>& saved) {
        if (saved || !claims_.any()) return begin_move();
        files_->give_up_move();
        end_move(saved);
    });
    tell_unsaved();
}

void PieceStore::Impl::begin_move() {
    if (syncing_) return next_syncs_.push_back([this] { begin_move(); });
    move_->begun = true;
    update_hold();
    run_job(
        world_.pool, weak_from_this(),
        [files = files_, folder = move_->folder] { return files->move_to(folder); },
        [](Impl& self, const Result<void>& moved) {
            if (self.events_ != nullptr) self.on_moved(moved);
        });
}

void PieceStore::Impl::on_moved(const Result<void>& moved) {
    if (!moved) return end_move(moved);
    if (!move_->say) return on_said({});
    auto say = std::move(move_->say);
    say([weak = weak_from_this()](const Result<void>& said) {
        const auto self = weak.lock();
        if (self && self->events_ != nullptr) self->on_said(said);
    });
}

void PieceStore::Impl::on_said(const Result<void>& said) {
    if (said) {
        options_.folder = move_->folder;
        return run_job(
            world_.pool, weak_from_this(),
            [files = files_] {
                files->end_move();
                return true;
            },
            [](Impl& self, bool) {
                if (self.events_ != nullptr) self.end_move({});
            });
    }
    run_job(
        world_.pool, weak_from_this(), [files = files_] { return files->move_back(); },
        [why = said.error()](Impl& self, const Result<std::vector<FileIndex>>& copies) {
            if (self.events_ == nullptr) return;
            if (!copies) return self.end_move(fail(copies.error()));
            self.on_back(*copies, why);
        });
}

// What was written to copies since went with them.
void PieceStore::Impl::on_back(const std::vector<FileIndex>& copies, const Error& why) {
    const auto self = shared_from_this();
    for (const auto file : copies) {
        if (events_ != nullptr) lose(pieces_of(file, fresh_), why, Claim::none);
        if (events_ != nullptr) give_up_unfinished(file, why);
    }
    if (events_ != nullptr) end_move(fail(why));
}

void PieceStore::Impl::end_move(Result<void> result) {
    const auto self = shared_from_this();
    if (!result) lose_spoiled();
    if (events_ == nullptr) return;
    auto done = std::move(move_->done);
    move_.reset();
    changed_ = true;
    update_hold();
    tell_begun();
    end_sync();
    done(std::move(result));
}

}  // namespace spate::piece_store
