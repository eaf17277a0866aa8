// PieceIntake: the way in of one store: blocks into unfinished pieces, whole pieces through the HashQueue,
// segments to disk early when memory is wanted. Owner: PieceStore. Thread: the reactor's.
#pragma once

#include <memory>
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
    virtual void on_flushed() = 0;
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
    void forget(Source source);
    // While held nothing is written; what is whole waits.
    void hold(bool held);
    // The pieces of which something is here or on disk.
    void add_unfinished(metainfo::Bitfield& to) const;

  private:
    struct Unfinished {
        Unfinished(std::uint32_t size, std::uint32_t data, std::uint64_t beginning)
            : piece(size, data), begun(beginning) {}
        PartialPiece piece;
        std::uint64_t begun;        // tells it from an earlier try at the same piece
        std::uint32_t flushes = 0;  // jobs that write some of it
        bool verify = false;        // as soon as those are done
        bool hashing = false;       // the queue has its blocks
    };
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

    void flush_early(metainfo::PieceIndex piece, std::uint32_t segment) override;
    void flush_now() override;
    void on_hashed(std::span<PieceTask> tasks) override;
    static Flushed write_flushes(FileSet& files, std::vector<Flush> parts);
    void finish_flush(Flushed flushed);
    Unfinished& unfinished(metainfo::PieceIndex piece);
    void submit(metainfo::PieceIndex piece, Unfinished& entry);
    void drop(metainfo::PieceIndex piece);

    io::World& world_;
    Resources& resources_;
    const std::shared_ptr<FileSet> files_;
    const std::shared_ptr<const metainfo::Metainfo> metainfo_;
    IntakeOwner* owner_;
    std::unordered_map<metainfo::PieceIndex, Unfinished> pieces_;
    std::unordered_map<metainfo::PieceIndex, Unfinished>::iterator last_ = pieces_.end();
    std::uint64_t begun_ = 0;
    std::unordered_set<metainfo::PieceIndex> were_bad_;  // until they are good
    std::vector<Flush> flushing_;                        // of the round under way, or held
    bool held_ = false;
};

}  // namespace spate::piece_store
