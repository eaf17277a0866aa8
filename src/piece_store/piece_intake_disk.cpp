// PieceIntake: what goes to disk before its piece is whole, and what waits because the disk does not take it.
#include <algorithm>
#include <utility>

#include "piece_store/piece_intake.h"
#include "piece_store/pool_job.h"

namespace spate::piece_store {

using metainfo::PieceIndex;

void PieceIntake::add_idle(PieceIndex piece, const Unfinished& entry, std::uint32_t segment) {
    const auto bytes = entry.piece.segments()[segment].buffer.size();
    if (bytes > 0) resources_.idle().add({this, piece, segment, bytes});
}

void PieceIntake::add_all_idle(PieceIndex piece, const Unfinished& entry) {
    resources_.idle().remove_piece(*this, piece);
    for (std::uint32_t i = 0; i < entry.piece.segments().size(); ++i) add_idle(piece, entry, i);
}

// --- early

void PieceIntake::flush_early(PieceIndex piece, std::uint32_t segment) {
    if (blocked()) return give_up_later(piece);
    if (old_flushes_.contains(piece)) return;  // it is idle again when they are over
    take_to_flush(piece, pieces_.at(piece), segment);
}

void PieceIntake::take_to_flush(PieceIndex piece, Unfinished& entry, std::uint32_t segment) {
    auto taken = entry.piece.take_segment(segment);
    if (taken.in_memory == 0) return;
    ++entry.flushes;
    owner_->on_flush_begun(piece);
    flushing_.push_back({piece, entry.begun, segment, std::move(taken)});
}

void PieceIntake::flush_piece(PieceIndex piece, Unfinished& entry) {
    entry.unwritten = false;
    resources_.idle().remove_piece(*this, piece);
    for (std::uint32_t i = 0; i < entry.piece.segments().size(); ++i) {
        const bool any = entry.piece.segments()[i].in_memory != 0;
        any ? take_to_flush(piece, entry, i) : add_idle(piece, entry, i);
    }
}

void PieceIntake::flush_now() {
    if (!flushing_.empty()) flush(world_.pool, {});
}

void PieceIntake::flush(io::WorkPool& pool, std::move_only_function<void()> done) {
    run_job(
        pool, weak_from_this(),
        [files = files_, parts = std::exchange(flushing_, {})]() mutable {
            return write_flushes(*files, std::move(parts));
        },
        [done = std::move(done)](PieceIntake& self, Flushed flushed) mutable {
            self.finish_flush(std::move(flushed));
            if (done && self.owner_ != nullptr) done();
        });
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
        if (!error) part.segment.buffer = {};
    }
    return flushed;
}

void PieceIntake::finish_flush(Flushed flushed) {
    if (owner_ == nullptr) return resources_.budget().report_space();
    std::optional<Error> unwritten;
    for (std::size_t i = 0; i < flushed.parts.size(); ++i) {
        auto& part = flushed.parts[i];
        if (flushed.errors[i] && !unwritten) unwritten = flushed.errors[i];
        const auto found = pieces_.find(part.piece);
        if (found == pieces_.end() || found->second.begun != part.begun) {
            end_old_flush(part.piece);
            continue;
        }
        auto& entry = found->second;
        --entry.flushes;
        if (!flushed.errors[i]) {
            entry.piece.put_on_disk(part.index, part.segment.in_memory);
            continue;
        }
        entry.unwritten = true;
        const bool had_buffer = bool(entry.piece.segments()[part.index].buffer);
        entry.piece.put_back(part.index, std::move(part.segment));
        if (!had_buffer) add_idle(part.piece, entry, part.index);
    }
    flushed.parts.clear();
    if (unwritten)
        note_unwritten(*unwritten);
    else
        note_written();
    submit_whole();
    resources_.idle().relieve();
    const auto self = shared_from_this();
    resources_.budget().report_space();
    if (owner_ != nullptr) owner_->on_flushed();
    if (unwritten && owner_ != nullptr) owner_->on_write_failed(*unwritten);
}

void PieceIntake::end_old_flush(PieceIndex piece) {
    const auto old = old_flushes_.find(piece);
    if (--old->second > 0) return;
    old_flushes_.erase(old);
    const auto found = pieces_.find(piece);
    if (found != pieces_.end()) add_all_idle(piece, found->second);
}

void PieceIntake::submit_whole() {
    if (blocked()) return;
    for (auto& [piece, entry] : pieces_)
        if (entry.verify && !is_written_to(piece, entry)) submit(piece, entry);
}

// --- waiting

void PieceIntake::hold(bool held) {
    held_ = held;
    if (!held_ && stuck_)
        retry();
    else
        submit_whole();
}

// The queue's task has the blocks of an entry that is there still.
void PieceIntake::keep_unwritten(PieceTask& task) {
    auto& entry = pieces_.at(task.piece);
    entry.piece.put_back_all(std::move(task.segments));
    entry.hashing = false;
    entry.verify = entry.unwritten = true;
    add_all_idle(task.piece, entry);
}

void PieceIntake::note_unwritten(const Error& error) {
    stuck_ = error;
    trying_ = false;
}

void PieceIntake::note_written() {
    if (!std::exchange(trying_, false)) return;
    stuck_.reset();
    submit_whole();
}

bool PieceIntake::retry() {
    if (!stuck_) return false;
    trying_ = true;
    bool any = false;
    for (auto& [piece, entry] : pieces_) {
        if (!entry.unwritten && !entry.verify) continue;
        any = true;
        if (is_written_to(piece, entry) || held_) continue;
        entry.verify ? submit(piece, entry) : flush_piece(piece, entry);
    }
    flush_now();
    if (!any) {
        stuck_.reset();
        trying_ = false;
    }
    return any;
}

void PieceIntake::give_up_later(PieceIndex piece) {
    giving_up_.insert(piece);
    if (giving_up_.size() > 1) return;
    world_.reactor.post([weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->give_up();
    });
}

// Memory is wanted, and nothing can be written.
void PieceIntake::give_up() {
    std::vector<PieceVerdict> lost;
    const auto why = stuck_ ? *stuck_
                            : Error::invalid("write", "unfinished pieces", "the resume state cannot be saved",
                                             std::errc::io_error);
    for (const auto piece : std::exchange(giving_up_, {})) {
        const auto found = pieces_.find(piece);
        if (found == pieces_.end() || found->second.hashing || found->second.flushes > 0) continue;
        drop(found);
        lost.push_back({piece, PieceVerdict::Outcome::error, {}, why});
    }
    resources_.budget().report_space();
    if (owner_ != nullptr && !lost.empty()) owner_->on_pieces_decided(lost);
}

// --- what a state may claim

void PieceIntake::restore(const UnfinishedPieces& pieces) {
    for (const auto& [piece, blocks] : pieces) unfinished(piece).piece.set_on_disk(blocks);
}

bool PieceIntake::take_begun(TimePoint by) {
    if (!blocked())
        for (auto& [piece, entry] : pieces_)
            if (!entry.hashing && !entry.verify && entry.since <= by && !old_flushes_.contains(piece))
                flush_piece(piece, entry);
    return !flushing_.empty();
}

std::vector<PieceIndex> PieceIntake::flushing() const {
    std::vector<PieceIndex> found;
    for (const auto& [piece, flushes] : old_flushes_) found.push_back(piece);
    for (const auto& [piece, entry] : pieces_)
        if (entry.flushes > 0) found.push_back(piece);
    return found;
}

UnfinishedPieces PieceIntake::on_disk() const {
    UnfinishedPieces found;
    for (const auto& [piece, entry] : pieces_)
        if (!entry.hashing && entry.piece.any_on_disk()) found[piece] = entry.piece.blocks_on_disk();
    return found;
}

void PieceIntake::give_up_on_disk(const metainfo::Bitfield& pieces, const Error& why) {
    std::vector<PieceVerdict> lost;
    for (auto piece = pieces.next_set({}); piece; piece = pieces.next_set(piece->next())) {
        const auto found = pieces_.find(*piece);
        if (found == pieces_.end() || found->second.hashing) continue;
        if (!found->second.piece.any_on_disk() && found->second.flushes == 0) continue;
        drop(found);
        lost.push_back({*piece, PieceVerdict::Outcome::error, {}, why});
    }
    if (owner_ != nullptr && !lost.empty()) owner_->on_pieces_decided(lost);
}

}  // namespace spate::piece_store
