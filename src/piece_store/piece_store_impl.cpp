#include "piece_store/piece_store_impl.h"

#include <utility>

#include "base/assert.h"
#include "piece_store/pool_job.h"

namespace spate::piece_store {

using metainfo::Bitfield;
using metainfo::FileIndex;
using metainfo::PieceIndex;

PieceStore::Impl::Impl(io::World& world, Resources& resources, StoreEvents& events, StoreOptions options)
    : world_(world),
      resources_(resources),
      events_(&events),
      options_(std::move(options)),
      files_(std::make_shared<FileSet>(world.files, resources.files(), options_)),
      have_(layout().piece_count()),
      fresh_(layout().piece_count()),
      doubts_(layout().piece_count()),
      claims_(options_.state || options_.claimed),
      intake_(std::make_shared<PieceIntake>(world, resources, files_, options_.metainfo, *this)),
      reader_(std::make_shared<PieceReader>(world, resources, files_, *this)),
      ahead_(std::make_shared<ReadAhead>(world, layout(), [files = files_](const ReadAhead::Range& range) {
          files->will_need(files->layout().piece_offset(range.piece) + range.offset, range.size);
      })) {}

void PieceStore::Impl::detach() {
    events_ = nullptr;
    intake_->detach();
    reader_->detach();
    if (check_) check_->detach();
    world_.pool.submit([files = files_] { files->close(); }, [] {});
}

void PieceStore::Impl::open(std::move_only_function<void(Result<Opened>)> done) {
    run_job(
        world_.pool, weak_from_this(),
        [files = files_, trust = options_.trust, state = options_.state] {
            return files->open(trust, state);
        },
        [done = std::move(done)](Impl& self, Result<FileSet::Found> found) mutable {
            if (self.events_ == nullptr) return;
            if (!found) return done(fail(found.error()));
            const auto state = std::exchange(self.options_.state, {});
            const bool believed = state && self.options_.trust != Trust::sizes;
            self.on_opened(*found, believed ? state->have.count() : 0, !state);
            if (!self.doubts_.any())
                if (auto ours = self.nothing_foreign(); !ours) return done(fail(ours.error()));
            // Of a read-only store whatever is missing may be right by now: what was lost to a read error,
            // too.
            const bool doubts = self.doubts_.any() || (self.options_.read_only && !self.have_.all());
            Opened result{.needs_check = doubts, .unfinished = std::move(found->unfinished)};
            result.gone = std::move(found->gone);
            for (PieceIndex piece; believed && piece.value < state->have.size(); ++piece)
                result.lost += state->have.has(piece) && !self.have_.has(piece) && !self.doubts_.has(piece);
            done(std::move(result));
        });
}

// claimed: pieces that the state said are there; fresh: there was none.
void PieceStore::Impl::on_opened(const FileSet::Found& found, std::uint32_t claimed, bool fresh) {
    opened_ = true;
    have_ = found.have;
    doubts_.begin(found.unchecked, found.unknown);
    renamed_ = found.renamed;
    intake_->restore(found.unfinished);
    changed_ = true;
    const bool less = claimed > have_.count();
    const bool nothing = fresh && have_.none() && !doubts_.any();
    if (options_.read_only) return;
    if (less || (fresh && options_.claimed)) note_loss();
    if (fresh && options_.keeps_state) claims_.on_first();
    if (less || nothing) claims_.set_baseline(state_of(found));
    update_hold();
    tell_unsaved();
}

// Whether each file that was there before us has a right piece, so that it may be written to.
Result<void> PieceStore::Impl::nothing_foreign() {
    if (const auto file = doubts_.foreign(layout(), have_))
        return fail(FileSet::taken(options_.folder + "/" + path_of(*file)));
    tell_unsaved();
    return {};
}

// As opened. To whoever opens the files after a crash, those it does not know were made by us.
StoredState PieceStore::Impl::state_of(const FileSet::Found& found) const {
    StoredState state{have_, found.stamps, options_.wanted, renamed_, found.unfinished};
    state.wanted.resize(layout().files().size(), true);
    return state;
}

void PieceStore::Impl::check(Done done) {
    SPATE_ASSERT(!check_ && !check_done_);
    check_done_ = std::move(done);
    for (auto piece = have_.next_clear({}); options_.read_only && piece;
         piece = have_.next_clear(piece->next()))
        doubts_.add(*piece);
    run_job(
        world_.pool, weak_from_this(),
        [files = files_] {
            files->look_again();
            return true;
        },
        [](Impl& self, bool) {
            if (self.events_ == nullptr) return;
            auto pieces = self.doubts_.take();
            self.check_ = std::make_shared<ContentCheck>(self.world_, self.resources_, self.files_,
                                                         self.options_.metainfo, std::move(pieces), self);
            self.check_->start();
        });
}

void PieceStore::Impl::on_checked(std::span<const PieceIndex> pieces) {
    std::vector<PieceIndex> found;  // some may have come from peers meanwhile
    for (const auto piece : pieces)
        if (!have_.has(piece)) found.push_back(piece);
    for (const auto piece : found) add(piece);
    if (!found.empty()) events_->on_found(found);
}

void PieceStore::Impl::on_check_done() {
    check_.reset();
    auto ours = nothing_foreign();
    if (auto done = std::exchange(check_done_, {})) done(std::move(ours));
}

void PieceStore::Impl::add(PieceIndex piece) {
    have_.set(piece);
    fresh_.set(piece);
    doubts_.resolve(piece);
    changed_ = true;
}

void PieceStore::Impl::on_pieces_decided(std::span<const PieceVerdict> verdicts) {
    for (const auto& verdict : verdicts)
        if (verdict.outcome == PieceVerdict::Outcome::good) add(verdict.piece);
    tell_begun();
    const auto self = shared_from_this();
    events_->on_verdicts(verdicts);
    if (events_ != nullptr) lose_spoiled();
    if (events_ != nullptr) tell_if_well();
}

void PieceStore::Impl::on_flushed() {
    tell_begun();
    tell_if_well();
}

void PieceStore::Impl::on_read(PieceIndex piece, std::uint32_t offset, Duration took) {
    ahead_->on_read(piece, offset, took);
}

void PieceStore::Impl::on_read_failed(PieceIndex piece, const ReadError& error) {
    // It may be right after all, or again: check() tells.
    const auto pieces = error.changed ? pieces_of(error.file, have_) : std::vector{piece};
    for (const auto one : pieces) doubts_.add(one);
    lose(pieces, error.error, Claim::saved);
}

template <class Job, class After>
void PieceStore::Impl::change_files(Job job, After after, Done done) {
    run_job(world_.pool, weak_from_this(), std::move(job),
            [after = std::move(after), done = std::move(done)](Impl& self, Result<void> result) mutable {
                if (self.events_ == nullptr) return;
                self.changed_ = true;
                if (result) after(self);
                self.tell_begun();
                done(std::move(result));
            });
}

void PieceStore::Impl::select(std::vector<bool> wanted, Done done) {
    auto held = have_;
    intake_->add_unfinished(held);
    change_files([files = files_, wanted = std::move(wanted),
                  held = std::move(held)] { return files->select(wanted, held); },
                 [](Impl&) {}, std::move(done));
}

// Said in the state first: else a kill in between would leave a file that no state knows.
void PieceStore::Impl::rename_file(FileIndex file, std::string path, Done done) {
    if (move_) return answer_later(std::move(done), fail(busy("rename in")));
    if (!claims_.any() || options_.read_only) return rename_now(file, path, std::move(done));
    files_->intend_rename(file, path);
    changed_ = true;
    claims_.when_saved(
        [this, file, path = std::move(path), done = std::move(done)](const Result<void>& saved) mutable {
            rename_when(saved, file, path, std::move(done));
        });
    tell_unsaved();
}

void PieceStore::Impl::rename_when(const Result<void>& saved, FileIndex file, const std::string& path,
                                   Done done) {
    if (saved || !claims_.any()) return rename_now(file, path, std::move(done));
    files_->give_up_rename(file);
    done(saved);
}

void PieceStore::Impl::rename_now(FileIndex file, const std::string& path, Done done) {
    change_files([files = files_, file, path] { return files->rename_file(file, path); },
                 [file, path](Impl& self) { self.renamed_[file] = path; }, std::move(done));
}

void PieceStore::Impl::remove_files(Done done) {
    change_files([files = files_] { return files->remove_files(); },
                 [](Impl& self) {
                     for (auto piece = self.have_.next_set({}); piece;
                          piece = self.have_.next_set(piece->next()))
                         self.reader_->drop(*piece);
                     self.have_.clear();
                     self.fresh_.clear();
                     if (self.claims_.any()) self.note_loss();
                 },
                 std::move(done));
}

std::string PieceStore::Impl::path_of(FileIndex file) const {
    const auto found = renamed_.find(file);
    return found == renamed_.end() ? layout().file(file).path : found->second;
}

}  // namespace spate::piece_store
