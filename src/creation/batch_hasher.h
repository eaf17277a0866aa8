// BatchHasher: reads a batch of pieces and gives their hashes; the job that keeps one core busy.
// v1: SHA-1 over the piece as the address space has it, pad files as zeros. v2: the root over the piece's own
// 16 KiB blocks, at the height of the piece layer; of a file of at most one piece, the file's root.
// Owner: one job at a time. Memory: RowReader's, and a Merkle builder a stream.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "creation/row_reader.h"
#include "hash/digest.h"
#include "hash/lanes.h"
#include "hash/merkle.h"

namespace spate::creation {

// What owner and jobs tell each other while jobs run; any thread.
struct Signals {
    std::atomic<bool> stop = false;
    std::atomic<std::uint64_t> bytes_done = 0;  // of the piece address space
};

struct PieceHashes {
    bool complete = false;  // all bytes were read
    hash::Sha1 v1{};        // if the plan has v1
    hash::Sha256 v2{};      // if the plan has v2
};

struct BatchResult {
    std::vector<PieceHashes> pieces;
    std::vector<FileFault> faults;
};

class BatchHasher {
  public:
    // content and signals outlive this.
    BatchHasher(const Content& content, const HashPlan& plan, Signals& signals);

    // At most plan.batch_pieces. Ends early, its result worth nothing, when signals.stop is set.
    BatchResult hash(metainfo::PieceRange pieces);

  private:
    void hash_row(metainfo::PieceRange row, std::span<PieceHashes> out);
    void hash_chunks();
    void hash_leaves();
    hash::Sha256 finish_tree(metainfo::PieceIndex piece, std::size_t place);

    const Content& content_;
    const HashPlan plan_;
    Signals& signals_;
    RowReader reader_;
    hash::Sha1Lanes sha1_;
    std::vector<hash::MerkleBuilder> trees_;  // by place in the row
    std::vector<std::uint64_t> data_sizes_;   // of the row's pieces, without pad bytes
    std::vector<Bytes> leaves_;
    std::vector<hash::Sha256> leaf_hashes_;
};

}  // namespace spate::creation
