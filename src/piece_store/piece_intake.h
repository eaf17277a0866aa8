// PieceIntake: the way in of one store: blocks into unfinished pieces, whole pieces through the HashQueue,
// segments to disk early when memory is wanted or a checkpoint wants to claim them.
//
// What cannot be written (disk full, broken, read only) stays in memory and is written when retry() finds
// the disk well. While it waits, and while held, nothing is written; when memory is wanted then, the oldest
// unfinished pieces are given up instead.
//
// A piece may be dropped while a job writes some of it. What comes for it then stays in memory until that job
// is over: else the old blocks, unhashed, could be written over the new ones.
// Owner: PieceStore. Thread: the reactor's.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "io/world.h"
#include "piece_store/file_set.h"
#include "piece_store/hash_queue.h"
#include "piece_store/idle_segments.h"
#include "piece_store/partial_piece.h"
#include "piece_store/resources.h"

namespace spate::piece_store {

class IntakeOwner {
  public:
    virtual ~IntakeOwner() = default;
    virtual void on_pieces_decided(std::span<const PieceVerdict> verdicts) = 0;
    // Blocks of a piece that is not whole are about to be written.
    virtual void on_flush_begun(metainfo::PieceIndex piece) = 0;
    virtual void on_flushed() = 0;
    // What was to be written stays; retry() it.
    virtual void on_write_failed(const Error& error) = 0;
};

class PieceIntake final : public SegmentOwner,
                          public HashClient,
                          public std::enable_shared_from_this<PieceIntake> {
  public:
    // owner outlives it, or detaches it first.
    PieceIntake(io::World& world, Resources& resources, std::shared_ptr<FileSet> files,
                std::shared_ptr<const metainfo::Metainfo> metainfo, IntakeOwner& owner);
    ~PieceIntake() override;
    PieceIntake(const PieceIntake&) = delete;
    PieceIntake& operator=(const PieceIntake&) = delete;
    void detach();

    PartialPiece::Taken write(Source source, metainfo::PieceIndex piece, std::uint32_t offset, Bytes bytes);
    void verify(metainfo::PieceIndex piece);
    void discard(metainfo::PieceIndex piece);
    // It was found on disk: what came of it is not needed. False: its verdict is awaited.
    bool give_way(metainfo::PieceIndex piece);
    void forget(Source source);

    // While held nothing is written; what is whole waits.
    void hold(bool held);
    // Something could not be written and waits for retry().
    bool stuck() const { return stuck_.has_value(); }
    // Tries to write it. False: nothing waits any more.
    bool retry();

    // Blocks of an earlier run that are on disk.
    void restore(const UnfinishedPieces& pieces);
    // For a state that may claim them: takes the whole blocks of pieces that were begun by then. False: there
    // is nothing to write.
    bool take_begun(TimePoint by);
    // Writes what was taken, by one job.
    void flush(io::WorkPool& pool, std::move_only_function<void()> done);
    // Pieces of which blocks are being written.
    std::vector<metainfo::PieceIndex> flushing() const;
    // Blocks that are on disk.
    UnfinishedPieces on_disk() const;
    // Those pieces, where blocks of them are on disk: what is there is not to be relied on.
    void give_up_on_disk(const metainfo::Bitfield& pieces, const Error& why);
    // The pieces of which something is here or on disk.
    void add_unfinished(metainfo::Bitfield& to) const;

  private:
    struct Unfinished {
        Unfinished(std::uint32_t size, std::uint32_t data, std::uint64_t beginning, TimePoint now)
            : piece(size, data), begun(beginning), since(now) {}
        PartialPiece piece;
        std::uint64_t begun;  // tells it from an earlier try at the same piece
        TimePoint since;
        std::uint32_t flushes = 0;  // jobs that write some of it
        bool verify = false;        // as soon as those are done
        bool hashing = false;       // the queue has its blocks
        bool unwritten = false;     // some of it could not be written
    };
    using Pieces = std::unordered_map<metainfo::PieceIndex, Unfinished>;
    struct Flush {
        metainfo::PieceIndex piece;
        std::uint64_t begun;
        std::uint32_t index;
        Segment segment;
    };
    struct Flushed {
        std::vector<Flush> parts;
        std::vector<std::optional<Error>> errors;  // of each part
    };

    bool blocked() const { return held_ || (stuck_ && !trying_); }
    void flush_early(metainfo::PieceIndex piece, std::uint32_t segment) override;
    void flush_now() override;
    void on_hashed(std::span<PieceTask> tasks) override;
    Unfinished& unfinished(metainfo::PieceIndex piece);
    void submit(metainfo::PieceIndex piece, Unfinished& entry);
    void drop(Pieces::iterator entry);
    bool is_written_to(metainfo::PieceIndex piece, const Unfinished& entry) const {
        return entry.flushes > 0 || old_flushes_.contains(piece);
    }

    // piece_intake_disk.cpp
    static Flushed write_flushes(FileSet& files, std::vector<Flush> parts);
    void finish_flush(Flushed flushed);
    void take_to_flush(metainfo::PieceIndex piece, Unfinished& entry, std::uint32_t segment);
    void flush_piece(metainfo::PieceIndex piece, Unfinished& entry);
    void keep_unwritten(PieceTask& task);
    void add_idle(metainfo::PieceIndex piece, const Unfinished& entry, std::uint32_t segment);
    void add_all_idle(metainfo::PieceIndex piece, const Unfinished& entry);
    void end_old_flush(metainfo::PieceIndex piece);
    void note_written();
    void note_unwritten(const Error& error);
    void submit_whole();
    void give_up_later(metainfo::PieceIndex piece);
    void give_up();

    io::World& world_;
    Resources& resources_;
    const std::shared_ptr<FileSet> files_;
    const std::shared_ptr<const metainfo::Metainfo> metainfo_;
    IntakeOwner* owner_;
    Pieces pieces_;
    Pieces::iterator last_ = pieces_.end();
    std::uint64_t begun_ = 0;
    std::unordered_set<metainfo::PieceIndex> were_bad_;                    // until they are good
    std::vector<Flush> flushing_;                                          // of the round under way
    std::unordered_map<metainfo::PieceIndex, std::uint32_t> old_flushes_;  // of pieces that were dropped
    std::set<metainfo::PieceIndex> giving_up_;                             // in the next turn
    bool held_ = false;
    std::optional<Error> stuck_;
    bool trying_ = false;  // retry() is under way
};

}  // namespace spate::piece_store
