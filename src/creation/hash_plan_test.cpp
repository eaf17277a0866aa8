#include "creation/hash_plan.h"

#include <gtest/gtest.h>

#include "metainfo/geometry.h"
#include "metainfo/limits.h"

namespace spate::creation {
namespace {

TEST(HashPlanTest, HoldsNoMoreThanItMayForAnyPieceLength) {
    for (std::uint64_t length = 1; length <= metainfo::piece_length_max; length *= 2)
        for (const unsigned jobs : {1U, 2U, 3U, 7U, 16U, 256U})
            for (const unsigned lanes : {1U, 4U, 8U, 16U})
                for (const int versions : {1, 2, 3}) {
                    const bool v2 = (versions & 2) != 0 && metainfo::is_v2_piece_length(length);
                    if (!v2 && (versions & 1) == 0) continue;
                    const auto plan = plan_hashing((versions & 1) != 0, v2, length, jobs, lanes);
                    SCOPED_TRACE(::testing::Message() << length << " bytes, " << jobs << " jobs, " << lanes);
                    EXPECT_LE(plan.memory(), HashPlan::memory_max);
                    EXPECT_GE(plan.jobs, std::min(jobs, 16U));
                    EXPECT_EQ(plan.window % metainfo::block_size, 0U);
                    EXPECT_EQ(plan.batch_pieces % plan.streams, 0U);
                    EXPECT_LE(plan.batch_pieces, 4096U);
                    if (plan.v1) {
                        EXPECT_EQ(plan.streams, lanes);
                    }
                }
}

TEST(HashPlanTest, BatchesCoverEveryPieceOnce) {
    const auto plan = plan_hashing(true, false, 1 << 20, 2, 16);
    for (const std::uint32_t pieces : {0U, 1U, plan.batch_pieces - 1, plan.batch_pieces,
                                       plan.batch_pieces + 1, 5 * plan.batch_pieces + 3}) {
        std::uint32_t next = 0;
        for (std::uint32_t batch = 0; batch < plan.batch_count(pieces); ++batch) {
            const auto range = plan.batch(batch, pieces);
            EXPECT_EQ(range.first.value, next);
            EXPECT_GT(range.end.value, next);
            EXPECT_LE(range.end.value - next, plan.batch_pieces);
            next = range.end.value;
        }
        EXPECT_EQ(next, pieces);
    }
}

TEST(HashPlanTest, V2FillsItsLanesFromOnePieceOrFromSmallOnesTogether) {
    EXPECT_EQ(plan_hashing(false, true, 16 << 10, 1, 16).streams, 64U);
    EXPECT_EQ(plan_hashing(false, true, 1 << 20, 1, 16).streams, 1U);
    EXPECT_EQ(plan_hashing(false, true, 64 << 20, 1, 16).streams, 1U);
}

}  // namespace
}  // namespace spate::creation
