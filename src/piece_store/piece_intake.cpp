#include "piece_store/piece_intake.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "piece_store/pool_job.h"

namespace spate::piece_store {

using metainfo::PieceIndex;
namespace {

bool any_on_disk(const PieceTask& task) {
    return std::ranges::any_of(task.segments, [](const Segment& segment) { return segment.on_disk != 0; });
}

Error lost_error() {
    return Error::invalid("write", "piece", "its file was removed or cut short by another program",
                          std::errc::io_error);
}

}  // namespace

PieceIntake::PieceIntake(io::World& world, Resources& resources, std::shared_ptr<FileSet> files,
                         std::shared_ptr<const metainfo::Metainfo> metainfo, IntakeOwner& owner)
    : world_(world),
      resources_(resources),
      files_(std::move(files)),
      metainfo_(std::move(metainfo)),
      owner_(&owner) {}

PieceIntake::~PieceIntake() = default;

void PieceIntake::detach() {
    owner_ = nullptr;
    resources_.idle().remove_owner(*this);
    pieces_.clear();
    last_ = pieces_.end();
}

PieceIntake::Unfinished& PieceIntake::unfinished(PieceIndex piece) {
    if (last_ == pieces_.end() || last_->first != piece)
        last_ = pieces_
                    .try_emplace(piece, files_->layout().piece_size(piece),
                                 files_->layout().piece_data_size(piece), ++begun_, world_.reactor.now())
                    .first;
    return last_->second;
}

PartialPiece::Taken PieceIntake::write(Source source, PieceIndex piece, std::uint32_t offset, Bytes bytes) {
    auto& entry = unfinished(piece);
    if (entry.verify || entry.hashing) return PartialPiece::Taken::dropped;
    bool opened = false;
    const auto taken = entry.piece.write(resources_.budget(), source, offset, bytes, opened);
    if (opened) {
        add_idle(piece, entry, offset / segment_bytes);
        resources_.idle().relieve();
    }
    return taken;
}

void PieceIntake::verify(PieceIndex piece) {
    auto& entry = unfinished(piece);
    SPATE_ASSERT(!entry.verify && !entry.hashing);
    entry.verify = true;
    if (!is_written_to(piece, entry) && !blocked()) submit(piece, entry);
}

void PieceIntake::submit(PieceIndex piece, Unfinished& entry) {
    entry.verify = entry.unwritten = false;
    entry.hashing = true;
    resources_.idle().remove_piece(*this, piece);
    PieceTask task{.files = files_,
                   .piece = piece,
                   .segments = entry.piece.take_all(),
                   .losses = files_->taken_losses()};
    const auto& info = metainfo_->info;
    if (info.has_v1()) task.v1 = info.v1_piece_hash(piece);
    if (info.has_v2()) task.v2 = metainfo_->v2_piece_hash(piece);
    SPATE_ASSERT(task.v1 || task.v2);
    task.want_blocks = were_bad_.contains(piece);
    resources_.hashes().submit(weak_from_this(), std::move(task));
}

void PieceIntake::drop(Pieces::iterator entry) {
    const auto piece = entry->first;
    if (const auto flushes = entry->second.flushes; flushes > 0) old_flushes_[piece] += flushes;
    resources_.idle().remove_piece(*this, piece);
    pieces_.erase(entry);
    last_ = pieces_.end();
}

void PieceIntake::discard(PieceIndex piece) {
    const auto found = pieces_.find(piece);
    if (found == pieces_.end()) return;
    SPATE_ASSERT(!found->second.verify && !found->second.hashing);
    drop(found);
}

bool PieceIntake::give_way(PieceIndex piece) {
    const auto found = pieces_.find(piece);
    if (found == pieces_.end()) return true;
    if (found->second.verify || found->second.hashing) return false;
    drop(found);
    return true;
}

void PieceIntake::forget(Source source) {
    for (auto& [piece, entry] : pieces_) entry.piece.forget(source);
}

void PieceIntake::add_unfinished(metainfo::Bitfield& to) const {
    for (const auto& [piece, entry] : pieces_) to.set(piece);
}

void PieceIntake::on_hashed(std::span<PieceTask> tasks) {
    if (owner_ == nullptr) return;
    std::vector<PieceVerdict> verdicts;
    std::optional<Error> unwritten;
    bool written = false;
    for (auto& task : tasks) {
        using Outcome = PieceVerdict::Outcome;
        const bool lost = task.lost_meanwhile();
        if (task.unwritten && !(lost && any_on_disk(task))) {
            if (!unwritten) unwritten = task.verdict.error;
            keep_unwritten(task);
            continue;
        }
        drop(pieces_.find(task.piece));
        if (lost) task.verdict = {task.piece, Outcome::error, {}, lost_error()};
        if (task.verdict.outcome == Outcome::bad) were_bad_.insert(task.piece);
        if (task.verdict.outcome == Outcome::good) were_bad_.erase(task.piece);
        written |= task.verdict.outcome == Outcome::good;
        verdicts.push_back(std::move(task.verdict));
    }
    if (unwritten)
        note_unwritten(*unwritten);
    else if (written)
        note_written();
    const auto self = shared_from_this();
    if (!verdicts.empty()) owner_->on_pieces_decided(verdicts);
    const bool tried_again = !stuck_ || trying_;  // as the owner found out why it failed
    if (unwritten && owner_ != nullptr && !tried_again) owner_->on_write_failed(*unwritten);
}

}  // namespace spate::piece_store
