#include "piece_store/piece_store_impl.h"

#include <utility>

#include "base/assert.h"
#include "piece_store/pool_job.h"

namespace spate::piece_store {

using metainfo::Bitfield;
using metainfo::FileIndex;
using metainfo::PieceIndex;
namespace {

Error written_meanwhile() {
    return Error::invalid("check", "a piece", "blocks of it are written meanwhile", std::errc::io_error);
}

}  // namespace

PieceStore::Impl::Impl(io::World& world, Resources& resources, StoreEvents& events, StoreOptions options)
    : world_(world),
      resources_(resources),
      events_(&events),
      options_(std::move(options)),
      files_(std::make_shared<FileSet>(world.files, resources.files(), options_)),
      held_(layout().piece_count()),
      doubts_(layout().piece_count()),
      claims_(options_.state || options_.claimed),
      syncs_(resources.syncs()),
      where_(std::make_shared<Whereabouts>(world, files_, options_, claims_, syncs_, *this)),
      intake_(std::make_shared<PieceIntake>(world, resources, files_, options_.metainfo, *this)),
      reader_(std::make_shared<PieceReader>(world, resources, files_, *this)) {}

void PieceStore::Impl::detach() {
    events_ = nullptr;
    where_->detach();
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
        [done = std::move(done)](Impl& self, Result<FoundFiles> found) mutable {
            if (self.events_ == nullptr) return;
            if (!found) return done(fail(found.error()));
            const auto state = std::exchange(self.options_.state, {});
            const bool believed = state && self.options_.trust != Trust::sizes;
            self.on_opened(*found, believed ? state->have.count() : 0, !state);
            if (!self.doubts_.any())
                if (auto ours = self.nothing_foreign(); !ours) return done(fail(ours.error()));
            // Of a read-only store whatever is missing may be right by now: what was lost to a read error,
            // too.
            const bool doubts = self.doubts_.any() || (self.options_.read_only && !self.have().all());
            Opened result{.needs_check = doubts, .unfinished = std::move(found->unfinished)};
            result.gone = std::move(found->gone);
            for (PieceIndex piece; believed && piece.value < state->have.size(); ++piece)
                result.lost += state->have.has(piece) && !self.have().has(piece) && !self.doubts_.has(piece);
            done(std::move(result));
        });
}

// claimed: pieces that the state said are there; fresh: there was none.
void PieceStore::Impl::on_opened(const FoundFiles& found, std::uint32_t claimed, bool fresh) {
    held_.begin(found.have);
    doubts_.begin(found.unchecked, found.unknown);
    where_->begin(found.renamed);
    intake_->restore(found.unfinished);
    syncs_.note_change();
    const bool less = claimed > have().count();
    const bool nothing = fresh && have().none() && !doubts_.any();
    if (options_.read_only) return;
    if (less || (fresh && options_.claimed)) note_loss();
    if (fresh && options_.keeps_state) claims_.on_first();
    if (less || nothing) claims_.set_baseline(state_of(found));
    update_hold();
    tell_unsaved();
}

// Whether each file that was there before us has a right piece, so that it may be written to.
Result<void> PieceStore::Impl::nothing_foreign() {
    if (const auto file = doubts_.foreign(layout(), have()))
        return fail(FileOpening::taken(where_->folder() + "/" + where_->path_of(*file)));
    if (!doubts_.all_ours()) return fail(*doubts_.unread());
    tell_unsaved();
    return {};
}

// As opened. To whoever opens the files after a crash, those it does not know were made by us.
StoredState PieceStore::Impl::state_of(const FoundFiles& found) const {
    StoredState state{have(),           found.stamps,   options_.wanted, where_->renamed(),
                      found.unfinished, found.unchecked};
    state.wanted.resize(layout().files().size(), true);
    return state;
}

void PieceStore::Impl::check(Done done) {
    SPATE_ASSERT(!check_);
    for (auto piece = have().next_clear({}); options_.read_only && piece;
         piece = have().next_clear(piece->next()))
        doubts_.add(*piece);
    check_ =
        std::make_shared<ContentCheck>(world_, resources_, files_, options_.metainfo, std::move(done), *this);
    check_->start();
}

// --- what is in doubt; it may come from peers meanwhile

Bitfield PieceStore::Impl::on_check_begun() {
    auto pieces = doubts_.take();
    for (const auto piece : intake_->flushing())
        if (pieces.reset(piece)) doubts_.add_unread(piece, written_meanwhile());
    return pieces;
}

void PieceStore::Impl::on_flush_begun(PieceIndex piece) {
    if (check_ && check_->leave(piece)) doubts_.add_unread(piece, written_meanwhile());
}

void PieceStore::Impl::on_checked(std::span<const PieceIndex> pieces) {
    std::vector<PieceIndex> found;
    for (const auto piece : pieces)
        if (intake_->give_way(piece))
            found.push_back(piece);
        else
            doubts_.add_unread(piece, written_meanwhile());
    for (const auto piece : found) add(piece);
    if (!found.empty()) events_->on_found(found);
}

void PieceStore::Impl::on_check_done(Done done) {
    check_.reset();
    done(nothing_foreign());
}

void PieceStore::Impl::add(PieceIndex piece) {
    held_.add(piece);
    end_doubt(piece);
    syncs_.note_change();
}

void PieceStore::Impl::end_doubt(PieceIndex piece) {
    doubts_.resolve(piece);
    if (check_) check_->leave(piece);
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

void PieceStore::Impl::on_read_failed(PieceIndex piece, const ReadError& error) {
    // It may be right after all, or again: check() tells.
    const auto pieces = error.changed ? pieces_of(error.file, have()) : std::vector{piece};
    for (const auto one : pieces) doubts_.add(one);
    lose(pieces, error.error, Claim::saved);
}

template <class Job>
void PieceStore::Impl::change_files(Job job, Done done) {
    run_job(world_.pool, weak_from_this(), std::move(job),
            [done = std::move(done)](Impl& self, Result<void> result) mutable {
                if (self.events_ != nullptr) self.lose_spoiled();
                if (self.events_ == nullptr) return;
                self.on_files_changed();
                done(std::move(result));
            });
}

void PieceStore::Impl::select(std::vector<bool> wanted, Done done) {
    auto held = have();
    intake_->add_unfinished(held);
    change_files([files = files_, wanted = std::move(wanted),
                  held = std::move(held)] { return files->select(wanted, held); },
                 std::move(done));
}

void PieceStore::Impl::remove_files(Done done) {
    change_files([files = files_] { return files->remove_files(); }, std::move(done));
}

// --- where they are

void PieceStore::Impl::on_to_be_said() {
    syncs_.note_change();
    tell_unsaved();
}

void PieceStore::Impl::on_files_changed() {
    syncs_.note_change();
    tell_begun();
}

void PieceStore::Impl::on_brought_back(std::span<const FileIndex> copies, const Error& why) {
    const auto self = shared_from_this();
    std::vector<PieceIndex> lost;
    for (const auto file : copies) {
        const auto pieces = pieces_of(file, held_.fresh());
        lost.insert(lost.end(), pieces.begin(), pieces.end());
    }
    lose(lost, why, Claim::none);
    if (events_ != nullptr) give_up_unfinished(copies, why);
}

void PieceStore::Impl::on_move_ended() {
    update_hold();
    on_files_changed();
    end_sync();
}

}  // namespace spate::piece_store
