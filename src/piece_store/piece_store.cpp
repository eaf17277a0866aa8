#include "piece_store/piece_store.h"

#include <utility>

#include "base/assert.h"
#include "piece_store/piece_store_impl.h"
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
      unchecked_(layout().piece_count()),
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
            if (self.unchecked_.none())
                if (auto ours = self.nothing_foreign(); !ours) return done(fail(ours.error()));
            // Of a read-only store whatever is missing may be right by now: what was lost to a read error,
            // too.
            const bool doubts = !self.unchecked_.none() || (self.options_.read_only && !self.have_.all());
            done(Opened{.needs_check = doubts, .unfinished = std::move(found->unfinished)});
        });
}

// claimed: pieces that the state said are there; fresh: there was none.
void PieceStore::Impl::on_opened(const FileSet::Found& found, std::uint32_t claimed, bool fresh) {
    have_ = found.have;
    unchecked_ = found.unchecked;
    unknown_ = found.unknown;
    renamed_ = found.renamed;
    intake_->restore(found.unfinished);
    changed_ = true;
    const bool less = claimed > have_.count();
    const bool nothing = fresh && have_.none() && unchecked_.none();
    if (options_.read_only) return;
    if (less || (fresh && options_.claimed)) note_loss();
    if (fresh && options_.keeps_state) claims_.on_first();
    if (less || nothing) claims_.set_baseline(state_of(found));
    intake_->hold(claims_.hold());
    tell_unsaved();
}

// Whether each file that was there before us has a right piece, so that it may be written to.
Result<void> PieceStore::Impl::nothing_foreign() {
    for (const auto file : unknown_) {
        if (!pieces_of(file, have_).empty()) continue;
        refused_ = true;
        return fail(FileSet::taken(options_.folder + "/" + path_of(file)));
    }
    unknown_.clear();
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
        unchecked_.set(*piece);
    run_job(
        world_.pool, weak_from_this(),
        [files = files_] {
            files->look_again();
            return true;
        },
        [](Impl& self, bool) {
            if (self.events_ == nullptr) return;
            auto pieces = std::exchange(self.unchecked_, Bitfield(self.layout().piece_count()));
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
    unchecked_.reset(piece);
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

void PieceStore::Impl::read(PieceIndex piece, std::uint32_t offset, std::uint32_t length,
                            PieceReader::Done done) {
    reader_->read(piece, offset, length,
                  [this, piece, offset, asked = world_.reactor.now(),
                   done = std::move(done)](Result<BlockView> view) mutable {
                      ahead_->on_read(piece, offset, world_.reactor.now() - asked);
                      done(std::move(view));
                  });
}

void PieceStore::Impl::on_read_failed(PieceIndex piece, const ReadError& error) {
    // It may be right after all, or again: check() tells.
    const auto pieces = error.changed ? pieces_of(error.file, have_) : std::vector{piece};
    for (const auto one : pieces) unchecked_.set(one);
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

void PieceStore::Impl::move_to(std::string folder, Done done) {
    change_files([files = files_, folder] { return files->move_to(folder); },
                 [folder](Impl& self) { self.options_.folder = folder; }, std::move(done));
}

// Said in the state first: else a kill in between would leave a file that no state knows.
void PieceStore::Impl::rename_file(FileIndex file, std::string path, Done done) {
    if (!options_.keeps_state || options_.read_only) return rename_now(file, path, std::move(done));
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

PieceStore::PieceStore(io::World& world, Resources& resources, StoreEvents& events, StoreOptions options)
    : impl_(std::make_shared<Impl>(world, resources, events, std::move(options))) {}

PieceStore::~PieceStore() {
    impl_->detach();
}

void PieceStore::open(std::move_only_function<void(Result<Opened>)> done) {
    impl_->open(std::move(done));
}

void PieceStore::check(Done done) {
    impl_->check(std::move(done));
}

bool PieceStore::has_doubts() const {
    return impl_->has_doubts();
}

std::uint64_t PieceStore::bytes_to_check() const {
    return impl_->content_check() ? impl_->content_check()->bytes_total() : 0;
}

std::uint64_t PieceStore::bytes_checked() const {
    return impl_->content_check() ? impl_->content_check()->bytes_done() : 0;
}

const Bitfield& PieceStore::have() const {
    return impl_->have();
}

PieceStore::Taken PieceStore::write(Source source, PieceIndex piece, std::uint32_t offset, Bytes bytes) {
    if (impl_->have().has(piece)) return Taken::dropped;
    return static_cast<Taken>(impl_->intake().write(source, piece, offset, bytes));
}

void PieceStore::verify(PieceIndex piece) {
    impl_->intake().verify(piece);
}

void PieceStore::discard(PieceIndex piece) {
    impl_->intake().discard(piece);
}

void PieceStore::forget(Source source) {
    impl_->intake().forget(source);
}

void PieceStore::hurry() {
    impl_->resources().hashes().hurry();
}

std::optional<BlockView> PieceStore::cached(PieceIndex piece, std::uint32_t offset, std::uint32_t length) {
    if (!impl_->have().has(piece)) return std::nullopt;
    return impl_->reader().cached(piece, offset, length);
}

void PieceStore::read(PieceIndex piece, std::uint32_t offset, std::uint32_t length,
                      std::move_only_function<void(Result<BlockView>)> done) {
    SPATE_ASSERT(length > 0 && offset + std::uint64_t{length} <= impl_->layout().piece_size(piece));
    if (impl_->have().has(piece)) return impl_->read(piece, offset, length, std::move(done));
    impl_->reactor().post([owner = std::weak_ptr(impl_), done = std::move(done)]() mutable {
        if (owner.lock()) done(fail(Error::invalid("read", "piece", "it is not there any more")));
    });
}

void PieceStore::expect(PieceIndex piece, std::uint32_t offset) {
    impl_->ahead().on_asked(piece, offset);
}

void PieceStore::select(std::vector<bool> wanted, Done done) {
    impl_->select(std::move(wanted), std::move(done));
}

void PieceStore::move_to(std::string folder, Done done) {
    impl_->move_to(std::move(folder), std::move(done));
}

void PieceStore::rename_file(FileIndex file, std::string path, Done done) {
    impl_->rename_file(file, std::move(path), std::move(done));
}

void PieceStore::remove_files(Done done) {
    impl_->remove_files(std::move(done));
}

bool PieceStore::unsynced() const {
    return impl_->unsynced();
}

void PieceStore::sync(Closing closing, std::move_only_function<void(Result<StoredState>)> done) {
    impl_->sync(closing, std::move(done));
}

std::optional<StoredState> PieceStore::take_baseline() {
    return impl_->take_baseline();
}

void PieceStore::saved() {
    impl_->saved();
}

void PieceStore::set_on_unsaved(std::move_only_function<void()> on_unsaved) {
    impl_->set_on_unsaved(std::move(on_unsaved));
}

bool PieceStore::waits_for_state() const {
    return impl_->waits_for_state();
}

std::string PieceStore::path_of(FileIndex file) const {
    return impl_->path_of(file);
}

bool PieceStore::retry() {
    return impl_->retry();
}

void PieceStore::not_saved(const Error& error) {
    impl_->not_saved(error);
}

const std::string& PieceStore::folder() const {
    return impl_->folder();
}

}  // namespace spate::piece_store
