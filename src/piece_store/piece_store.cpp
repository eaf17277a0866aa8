#include "piece_store/piece_store.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "piece_store/content_check.h"
#include "piece_store/piece_intake.h"
#include "piece_store/piece_reader.h"
#include "piece_store/pool_job.h"

namespace spate::piece_store {

using metainfo::Bitfield;
using metainfo::FileIndex;
using metainfo::PieceIndex;

class PieceStore::Impl final : public std::enable_shared_from_this<PieceStore::Impl>,
                               public IntakeOwner,
                               public ReaderOwner,
                               public CheckOwner {
  public:
    Impl(io::World& world, Resources& resources, StoreEvents& events, StoreOptions options)
        : world_(world),
          resources_(resources),
          events_(&events),
          options_(std::move(options)),
          files_(std::make_shared<FileSet>(world.files, resources.files(), options_)),
          have_(layout().piece_count()),
          fresh_(layout().piece_count()),
          intake_(std::make_shared<PieceIntake>(world, resources, files_, options_.metainfo, *this)),
          reader_(std::make_shared<PieceReader>(world, resources, files_, *this)) {}

    void detach();
    void open(std::move_only_function<void(Result<Opened>)> done);
    void check(Done done);
    void select(std::vector<bool> wanted, Done done);
    void move_to(std::string folder, Done done);
    void rename_file(FileIndex file, std::string path, Done done);
    void remove_files(Done done);
    void sync(Closing closing, std::move_only_function<void(Result<StoredState>)> done);

    const metainfo::FileLayout& layout() const { return options_.metainfo->info.layout; }
    const Bitfield& have() const { return have_; }
    PieceIntake& intake() { return *intake_; }
    PieceReader& reader() { return *reader_; }
    Resources& resources() { return resources_; }
    ContentCheck* content_check() { return check_.get(); }
    io::Reactor& reactor() { return world_.reactor; }
    bool unsynced() const { return changed_ && !syncing_; }
    std::optional<StoredState> take_baseline();
    void saved();
    void set_on_begun(std::move_only_function<void()> on_begun) { on_begun_ = std::move(on_begun); }
    std::string path_of(FileIndex file) const;
    const std::string& folder() const { return options_.folder; }

  private:
    void on_pieces_decided(std::span<const PieceVerdict> verdicts) override;
    void on_flushed() override { tell_begun(); }
    void on_read_failed(PieceIndex piece, const ReadError& error) override;
    void on_checked(PieceIndex piece) override { add(piece); }
    void on_check_done() override;
    StoredState state_of(std::vector<FileStamp> stamps) const;
    void note_loss();
    void lose_spoiled();
    void add(PieceIndex piece);
    enum class Claim : bool { none, saved };  // whether a saved state may have them
    void lose(const std::vector<PieceIndex>& pieces, const Error& why, Claim claim);
    std::vector<PieceIndex> pieces_of(FileIndex file, const Bitfield& among) const;
    void synced(FileSet::Synced result, const Bitfield& claimed,
                std::move_only_function<void(Result<StoredState>)> done);
    void tell_begun();
    template <class Job, class After>
    void change_files(Job job, After after, Done done);

    io::World& world_;
    Resources& resources_;
    StoreEvents* events_;
    StoreOptions options_;
    const std::shared_ptr<FileSet> files_;
    Bitfield have_;
    Bitfield fresh_;  // of these: not in a state that was synced
    Bitfield unchecked_;
    std::optional<StoredState> baseline_;
    // Times that pieces were lost which a saved state may claim: in all, when the last state was taken, in
    // the database.
    std::uint64_t losses_ = 0;
    std::uint64_t losses_taken_ = 0;
    std::uint64_t losses_saved_ = 0;
    const std::shared_ptr<PieceIntake> intake_;
    const std::shared_ptr<PieceReader> reader_;
    std::shared_ptr<ContentCheck> check_;
    Done check_done_;
    std::map<FileIndex, std::string> renamed_;
    bool changed_ = false;
    bool syncing_ = false;
    std::move_only_function<void()> on_begun_;
};

void PieceStore::Impl::detach() {
    events_ = nullptr;
    intake_->detach();
    reader_->detach();
    if (check_) check_->detach();
}

void PieceStore::Impl::open(std::move_only_function<void(Result<Opened>)> done) {
    if (options_.state && options_.trust == Trust::resume) renamed_ = options_.state->renamed;
    const bool fresh = !options_.state;
    auto claimed = options_.state && options_.trust != Trust::sizes ? options_.state->have : Bitfield();
    run_job(
        world_.pool, weak_from_this(),
        [files = files_, trust = options_.trust, state = std::exchange(options_.state, {})] {
            return files->open(trust, state);
        },
        [done = std::move(done), fresh, claimed = std::move(claimed)](Impl& self,
                                                                      Result<FileSet::Found> found) mutable {
            if (self.events_ == nullptr) return;
            if (!found) return done(fail(found.error()));
            self.have_ = std::move(found->have);
            self.unchecked_ = std::move(found->unchecked);
            self.changed_ = true;
            const bool less = claimed.count() > self.have_.count();
            const bool nothing = fresh && self.have_.none() && self.unchecked_.none();
            if (!self.options_.read_only && (less || nothing)) self.baseline_ = self.state_of(found->stamps);
            if (self.baseline_ && less) self.note_loss();
            if (self.baseline_ && self.on_begun_) self.on_begun_();
            done(Opened{.needs_check = !self.unchecked_.none()});
        });
}

// As opened. To whoever opens the files after a crash, those it does not know were made by us.
StoredState PieceStore::Impl::state_of(std::vector<FileStamp> stamps) const {
    StoredState state{have_, std::move(stamps), options_.wanted, renamed_};
    state.wanted.resize(layout().files().size(), true);
    return state;
}

std::optional<StoredState> PieceStore::Impl::take_baseline() {
    losses_taken_ = losses_;
    return std::exchange(baseline_, {});
}

// What is on disk must be claimed no more before it is written to.
void PieceStore::Impl::note_loss() {
    changed_ = true;
    ++losses_;
    intake_->hold(true);
}

void PieceStore::Impl::saved() {
    losses_saved_ = losses_taken_;
    if (losses_saved_ < losses_) return;
    files_->allow_spoiled();
    intake_->hold(false);
}

void PieceStore::Impl::check(Done done) {
    SPATE_ASSERT(!check_);
    check_done_ = std::move(done);
    check_ = std::make_shared<ContentCheck>(world_, resources_, files_, options_.metainfo,
                                            std::exchange(unchecked_, Bitfield()), *this);
    check_->start();
}

void PieceStore::Impl::on_check_done() {
    check_.reset();
    if (auto done = std::exchange(check_done_, {})) done({});
}

void PieceStore::Impl::add(PieceIndex piece) {
    have_.set(piece);
    fresh_.set(piece);
    changed_ = true;
}

void PieceStore::Impl::on_pieces_decided(std::span<const PieceVerdict> verdicts) {
    for (const auto& verdict : verdicts)
        if (verdict.outcome == PieceVerdict::Outcome::good) add(verdict.piece);
    tell_begun();
    const auto self = shared_from_this();
    events_->on_verdicts(verdicts);
    if (events_ != nullptr) lose_spoiled();
}

// A write found a file gone that was there.
void PieceStore::Impl::lose_spoiled() {
    const auto spoiled = files_->spoiled();
    if (spoiled.empty()) return;
    std::vector<PieceIndex> lost;
    for (const auto file : spoiled) {
        const auto pieces = pieces_of(file, have_);
        lost.insert(lost.end(), pieces.begin(), pieces.end());
    }
    const auto self = shared_from_this();
    lose(lost,
         Error::invalid("write", options_.folder, "a file was removed or cut short by another program",
                        std::errc::io_error),
         Claim::saved);
    if (!on_begun_) files_->allow_spoiled();  // no state claims anything
}

void PieceStore::Impl::tell_begun() {
    if (!files_->take_begun()) return;
    changed_ = true;
    if (on_begun_) on_begun_();
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
    if (claim == Claim::saved && on_begun_) note_loss();
    std::vector<PieceIndex> lost;
    for (const auto piece : pieces) {
        reader_->drop(piece);
        fresh_.reset(piece);
        if (have_.reset(piece)) lost.push_back(piece);
    }
    if (lost.empty()) return;
    changed_ = true;
    events_->on_lost(lost, why);
}

void PieceStore::Impl::on_read_failed(PieceIndex piece, const ReadError& error) {
    lose(error.changed ? pieces_of(error.file, have_) : std::vector{piece}, error.error, Claim::saved);
}

void PieceStore::Impl::sync(Closing closing, std::move_only_function<void(Result<StoredState>)> done) {
    SPATE_ASSERT(!syncing_);
    syncing_ = true;
    changed_ = false;
    auto claimed = std::exchange(fresh_, Bitfield(layout().piece_count()));
    const auto losses = losses_;
    run_job(
        world_.pool, weak_from_this(),
        [files = files_, have = have_, closing] { return files->sync(have, closing == Closing::yes); },
        [claimed = std::move(claimed), done = std::move(done), losses](Impl& self,
                                                                       FileSet::Synced result) mutable {
            self.syncing_ = false;
            if (self.events_ == nullptr) return;
            if (result.failed.empty() && !result.names) self.losses_taken_ = losses;
            self.synced(std::move(result), claimed, std::move(done));
        });
}

void PieceStore::Impl::synced(FileSet::Synced result, const Bitfield& claimed,
                              std::move_only_function<void(Result<StoredState>)> done) {
    if (!result.settled || result.names) changed_ = true;
    std::optional<Error> error = result.names;
    bool gone = false;
    std::vector<PieceIndex> lost;
    for (const auto& failure : result.failed) {
        // After a failed sync what it was for counts as lost, and what was written since may be.
        error = failure.error;
        changed_ = true;
        const auto add = [&](const Bitfield& among) {
            const auto pieces = pieces_of(failure.file, among);
            lost.insert(lost.end(), pieces.begin(), pieces.end());
        };
        add(claimed);
        add(failure.gone ? have_ : fresh_);
        gone |= failure.gone;
    }
    if (error) {  // what the others synced is not claimed yet, and may be lost with a later sync
        for (auto piece = claimed.next_set({}); piece; piece = claimed.next_set(piece->next()))
            if (have_.has(*piece)) fresh_.set(*piece);
        const auto self = shared_from_this();
        lose(lost, *error, gone ? Claim::saved : Claim::none);
        if (gone && !on_begun_) files_->allow_spoiled();
        return done(fail(std::move(*error)));
    }
    done(std::move(result.state));
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

void PieceStore::Impl::rename_file(FileIndex file, std::string path, Done done) {
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
                     if (self.on_begun_) self.note_loss();
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
    if (impl_->have().has(piece)) return impl_->reader().read(piece, offset, length, std::move(done));
    impl_->reactor().post([owner = std::weak_ptr(impl_), done = std::move(done)]() mutable {
        if (owner.lock()) done(fail(Error::invalid("read", "piece", "it is not there any more")));
    });
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

void PieceStore::set_on_begun(std::move_only_function<void()> on_begun) {
    impl_->set_on_begun(std::move(on_begun));
}

std::string PieceStore::path_of(FileIndex file) const {
    return impl_->path_of(file);
}

const std::string& PieceStore::folder() const {
    return impl_->folder();
}

}  // namespace spate::piece_store
