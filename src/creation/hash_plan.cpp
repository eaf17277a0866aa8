#include "creation/hash_plan.h"

#include <algorithm>

#include "base/assert.h"
#include "metainfo/geometry.h"

namespace spate::creation {
namespace {

constexpr std::uint64_t row_window = 1 << 20;  // of all streams: stays in a second-level cache
constexpr std::uint64_t batch_bytes = 32 << 20;
constexpr std::uint64_t batch_pieces_max = 4096;  // bounds a batch's results for tiny pieces

std::uint32_t whole_blocks(std::uint64_t bytes) {
    const auto blocks = std::max<std::uint64_t>(1, bytes / metainfo::block_size);
    return static_cast<std::uint32_t>(blocks * metainfo::block_size);
}

}  // namespace

std::uint32_t HashPlan::batch_count(std::uint32_t piece_count) const {
    return static_cast<std::uint32_t>(metainfo::units(piece_count, batch_pieces));
}

metainfo::PieceRange HashPlan::batch(std::uint32_t batch, std::uint32_t piece_count) const {
    const std::uint64_t first = std::uint64_t{batch} * batch_pieces;
    SPATE_ASSERT(first < piece_count);
    const auto end = std::min<std::uint64_t>(piece_count, first + batch_pieces);
    return {metainfo::PieceIndex(static_cast<std::uint32_t>(first)),
            metainfo::PieceIndex(static_cast<std::uint32_t>(end))};
}

std::size_t HashPlan::memory() const {
    return std::size_t{jobs} * streams * window;
}

HashPlan plan_hashing(bool v1, bool v2, std::uint64_t piece_length, unsigned jobs, unsigned sha1_lanes) {
    SPATE_ASSERT((v1 || v2) && piece_length > 0 && jobs > 0 && sha1_lanes > 0);
    HashPlan plan;
    plan.v1 = v1;
    plan.v2 = v2;
    plan.jobs = std::min(jobs, HashPlan::jobs_max);
    // SHA-1 needs a piece a lane; SHA-256 finds its lanes among the blocks of one piece.
    plan.streams =
        v1 ? sha1_lanes
           : static_cast<std::uint32_t>(std::clamp<std::uint64_t>(row_window / piece_length, 1, 64));
    plan.window = whole_blocks(row_window / plan.streams);
    const auto pieces = std::min(batch_bytes / piece_length, batch_pieces_max);
    plan.batch_pieces =
        plan.streams * static_cast<std::uint32_t>(std::max<std::uint64_t>(1, pieces / plan.streams));
    return plan;
}

}  // namespace spate::creation
