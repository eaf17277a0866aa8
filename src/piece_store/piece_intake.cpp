#include "piece_store/piece_intake.h"

#include <utility>

#include "base/assert.h"
#include "piece_store/pool_job.h"

namespace spate::piece_store {

using metainfo::PieceIndex;

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
                                 files_->layout().piece_data_size(piece), ++begun_)
                    .first;
    return last_->second;
}

PartialPiece::Taken PieceIntake::write(Source source, PieceIndex piece, std::uint32_t offset, Bytes bytes) {
    auto& entry = unfinished(piece);
    if (entry.verify || entry.hashing) return PartialPiece::Taken::dropped;
    bool opened = false;
    const auto taken = entry.piece.write(resources_.budget(), source, offset, bytes, opened);
    if (opened) {
        const auto segment = offset / segment_bytes;
        resources_.idle().add({this, piece, segment, entry.piece.segments()[segment].buffer.size()});
        resources_.idle().relieve();
    }
    return taken;
}

void PieceIntake::verify(PieceIndex piece) {
    auto& entry = unfinished(piece);
    SPATE_ASSERT(!entry.verify && !entry.hashing);
    entry.verify = true;
    if (entry.flushes == 0 && !held_) submit(piece, entry);
}

void PieceIntake::hold(bool held) {
    held_ = held;
    if (held_) return;
    flush_now();
    for (auto& [piece, entry] : pieces_)
        if (entry.verify && entry.flushes == 0) submit(piece, entry);
}

void PieceIntake::submit(PieceIndex piece, Unfinished& entry) {
    entry.verify = false;
    entry.hashing = true;
    resources_.idle().remove_piece(*this, piece);
    PieceTask task{.files = files_, .piece = piece, .segments = entry.piece.take_all()};
    const auto& info = metainfo_->info;
    if (info.has_v1()) task.v1 = info.v1_piece_hash(piece);
    if (info.has_v2()) task.v2 = metainfo_->v2_piece_hash(piece);
    SPATE_ASSERT(task.v1 || task.v2);
    task.want_blocks = were_bad_.contains(piece);
    resources_.hashes().submit(weak_from_this(), std::move(task));
}

void PieceIntake::drop(PieceIndex piece) {
    resources_.idle().remove_piece(*this, piece);
    pieces_.erase(piece);
    last_ = pieces_.end();
}

void PieceIntake::discard(PieceIndex piece) {
    const auto found = pieces_.find(piece);
    if (found == pieces_.end()) return;
    SPATE_ASSERT(!found->second.verify && !found->second.hashing);
    drop(piece);
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
    for (auto& task : tasks) {
        drop(task.piece);
        if (task.verdict.outcome == PieceVerdict::Outcome::bad) were_bad_.insert(task.piece);
        if (task.verdict.outcome == PieceVerdict::Outcome::good) were_bad_.erase(task.piece);
        verdicts.push_back(std::move(task.verdict));
    }
    owner_->on_pieces_decided(verdicts);
}

void PieceIntake::flush_early(PieceIndex piece, std::uint32_t segment) {
    auto& entry = pieces_.at(piece);
    auto taken = entry.piece.take_segment(segment);
    if (taken.in_memory == 0) return;
    ++entry.flushes;
    flushing_.push_back({piece, entry.begun, segment, std::move(taken)});
}

void PieceIntake::flush_now() {
    if (flushing_.empty() || held_) return;
    run_job(
        world_.pool, weak_from_this(),
        [files = files_, parts = std::exchange(flushing_, {})]() mutable {
            return write_flushes(*files, std::move(parts));
        },
        [](PieceIntake& self, Flushed flushed) { self.finish_flush(std::move(flushed)); });
}

PieceIntake::Flushed PieceIntake::write_flushes(FileSet& files, std::vector<Flush> parts) {
    Flushed flushed{std::move(parts), {}};
    for (auto& part : flushed.parts) {
        const auto start = part.index * segment_bytes;
        const auto piece_size = files.layout().piece_size(part.piece);
        auto& error = flushed.errors.emplace_back();
        for (const auto& run : runs_of(part.segment.in_memory, std::min(segment_bytes, piece_size - start))) {
            const auto offset = files.layout().piece_offset(part.piece) + start + run.offset;
            auto written = files.write(offset, part.segment.buffer.bytes().subspan(run.offset, run.size));
            if (!written && !error) error = written.error();
        }
        part.segment.buffer = {};
    }
    return flushed;
}

void PieceIntake::finish_flush(Flushed flushed) {
    resources_.budget().report_space();
    if (owner_ == nullptr) return;
    std::vector<PieceVerdict> lost;
    for (std::size_t i = 0; i < flushed.parts.size(); ++i) {
        const auto& part = flushed.parts[i];
        const auto found = pieces_.find(part.piece);
        // Discarded meanwhile, or lost with another part.
        if (found == pieces_.end() || found->second.begun != part.begun) continue;
        if (flushed.errors[i]) {
            lost.push_back({part.piece, PieceVerdict::Outcome::error, {}, flushed.errors[i]});
            drop(part.piece);
            continue;
        }
        auto& entry = found->second;
        entry.piece.put_on_disk(part.index, part.segment.in_memory);
        if (--entry.flushes == 0 && entry.verify && !held_) submit(part.piece, entry);
    }
    owner_->on_flushed();
    if (!lost.empty() && owner_ != nullptr) owner_->on_pieces_decided(lost);
}

}  // namespace spate::piece_store
