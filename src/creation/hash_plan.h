// HashPlan: how the pieces of a torrent are cut into jobs and windows, so that all lanes of the hashing
// kernels and all cores are busy and memory stays within memory_max for every piece length. Why these sizes:
// docs/decisions/0004-hashing-files.md. Pure.
//
// A batch is one job: some rows. A row is `streams` pieces hashed side by side. A step takes a window of
// each piece of the row; hybrid torrents hash it with SHA-1 and then, while it is in the cache, with SHA-256.
#pragma once

#include <cstddef>
#include <cstdint>

#include "metainfo/file_layout.h"

namespace spate::creation {

struct HashPlan {
    static constexpr std::size_t memory_max = std::size_t{16} << 20;  // windows of all jobs
    static constexpr unsigned jobs_max = 16;

    bool v1 = false;
    bool v2 = false;
    unsigned jobs = 1;               // batches under way at a time
    std::uint32_t streams = 1;       // pieces of a row
    std::uint32_t window = 0;        // bytes of each; a multiple of 16 KiB
    std::uint32_t batch_pieces = 1;  // a multiple of streams

    std::uint32_t batch_count(std::uint32_t piece_count) const;
    // piece numbers of a batch; batch < batch_count()
    metainfo::PieceRange batch(std::uint32_t batch, std::uint32_t piece_count) const;
    // Bytes that all jobs hold at most.
    std::size_t memory() const;
};

// jobs: how many cores to use, at least 1. sha1_lanes: of the kernel that will hash v1 pieces.
HashPlan plan_hashing(bool v1, bool v2, std::uint64_t piece_length, unsigned jobs, unsigned sha1_lanes);

}  // namespace spate::creation
