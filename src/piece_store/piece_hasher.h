// PieceHasher: one pool job's work on a batch of pieces: hashes them side by side, from memory or from disk,
// a window of each at a time so that hybrids hash twice what is still in the cache, then writes those that
// are right. Memory: batch_max windows for what is read back; the pieces' own buffers go as soon as they are
// written. Thread: one job.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "hash/lanes.h"
#include "piece_store/file_set.h"
#include "piece_store/partial_piece.h"

namespace spate::piece_store {

struct PieceTask {
    std::shared_ptr<FileSet> files;
    metainfo::PieceIndex piece;
    std::vector<Segment> segments{};  // empty: everything is on disk, and nothing is to be written
    std::optional<hash::Sha1> v1{};   // what it must hash to; at least one of them
    std::optional<hash::Sha256> v2{};
    FilePlaces::Life losses = 0;  // of its files: taken when it was submitted
    bool want_blocks = false;     // also if it is good
    bool unwritten = false;       // out: it is right, but could not be written; its segments are still there
    PieceVerdict verdict{};       // out

    // What was read or written of it is not what lies there now.
    bool lost_meanwhile() const { return files->lost_since(piece, losses); }
};

class PieceHasher {
  public:
    static constexpr std::size_t batch_max = hash::kMaxLanes;
    static constexpr std::uint32_t window = 64 << 10;

    // At most batch_max. Each gets its verdict and loses its segments, if it is not `unwritten`.
    void run(std::span<PieceTask> tasks);

  private:
    void prepare(PieceTask& task);
    Result<void> complete_segment(PieceTask& task, std::uint32_t index);
    void step(std::span<PieceTask> tasks, std::uint32_t at);
    Bytes chunk(PieceTask& task, std::size_t place, std::uint32_t at);
    void hash_blocks(std::span<PieceTask> tasks, std::uint32_t at);
    void decide(PieceTask& task, const hash::Sha1& v1, std::size_t place);
    hash::Sha256 root(const PieceTask& task, std::size_t place) const;
    void hash_for_blame(std::span<PieceTask> tasks);
    void write(PieceTask& task);
    void fail_task(PieceTask& task, const Error& error);

    hash::Sha1Lanes sha1_{batch_max};
    std::vector<std::vector<hash::Sha256>> leaves_{batch_max};  // by place in the batch
    std::vector<Bytes> chunks_;
    std::vector<Bytes> blocks_;
    std::vector<hash::Sha256> block_hashes_;
    std::vector<std::uint8_t> scratch_;
};

}  // namespace spate::piece_store
