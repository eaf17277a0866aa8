#include "wire/block_run.h"

#include <gmock/gmock.h>
#include <vector>

namespace spate::wire {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint32_t kib = 1024;

BlockRequest at(std::uint32_t offset, std::uint32_t length, std::uint32_t piece = 1) {
    return {PieceIndex(piece), offset, length};
}

std::vector<BlockRequest> blocks_of(const BlockRequest& run) {
    std::vector<BlockRequest> blocks;
    each_block(run, [&](const BlockRequest& block) { blocks.push_back(block); });
    return blocks;
}

TEST(BlockRun, NeighboursOfOnePieceAreJoined) {
    BlockRequest run = at(32 * kib, 16 * kib);
    EXPECT_FALSE(join(run, at(48 * kib, 16 * kib, 2), 256 * kib)) << "of another piece";
    EXPECT_FALSE(join(run, at(64 * kib, 16 * kib), 256 * kib)) << "with a gap";
    EXPECT_FALSE(join(run, at(16 * kib, 16 * kib), 256 * kib)) << "before it";
    EXPECT_TRUE(join(run, at(48 * kib, 16 * kib), 256 * kib));
    EXPECT_TRUE(join(run, at(64 * kib, 100), 256 * kib)) << "the end of the piece";
    EXPECT_EQ(run, at(32 * kib, 32 * kib + 100));
}

TEST(BlockRun, NeverLongerThanItMayBeNorAcrossAWindow) {
    BlockRequest run = at(0, 16 * kib);
    EXPECT_FALSE(join(run, at(16 * kib, 16 * kib), 16 * kib)) << "who takes blocks is asked for blocks";
    EXPECT_TRUE(join(run, at(16 * kib, 16 * kib), 32 * kib));
    EXPECT_FALSE(join(run, at(32 * kib, 16 * kib), 32 * kib));
    run = at(16 * kib, 16 * kib);
    EXPECT_FALSE(join(run, at(32 * kib, 16 * kib), 32 * kib)) << "two windows";
}

TEST(BlockRun, IsCutAtTheBlocksOfThePiece) {
    EXPECT_THAT(blocks_of(at(0, 16 * kib)), ElementsAre(at(0, 16 * kib)));
    EXPECT_THAT(blocks_of(at(16 * kib, 40 * kib)),
                ElementsAre(at(16 * kib, 16 * kib), at(32 * kib, 16 * kib), at(48 * kib, 8 * kib)));
    EXPECT_THAT(blocks_of(at(10, 16 * kib)), ElementsAre(at(10, 16 * kib - 10), at(16 * kib, 10)));
    EXPECT_THAT(blocks_of(at(0, 0)), IsEmpty());
}

// No piece is so long, but a peer may say so: nothing of it may look like the piece's beginning.
TEST(BlockRun, EndsWhereOffsetsDo) {
    EXPECT_THAT(blocks_of(at(UINT32_MAX - 9, 64 * kib)), ElementsAre(at(UINT32_MAX - 9, 10)));
}

// Whatever the cuts of the stream are, each block's bytes come as they would in a message of their own.
TEST(BlockRun, BytesAreThoseOfTheirBlocks) {
    const BlockRequest run = at(16 * kib, 40 * kib);
    const std::vector<std::uint8_t> all(run.length);
    for (const std::uint32_t step : {1000U, 16U * kib, 20U * kib, 40U * kib}) {
        std::vector<std::uint32_t> filled(3);
        for (std::uint32_t from = 0; from < run.length; from += step) {
            const Bytes bytes = Bytes(all).subspan(from).first(std::min(step, run.length - from));
            each_block(BlockBytes{run, from, bytes}, [&](const BlockBytes& part) {
                const std::uint32_t index = part.block.offset / (16 * kib) - 1;
                EXPECT_EQ(part.at, filled[index]) << "in order, without gaps";
                EXPECT_EQ(part.bytes.data() - all.data(),
                          static_cast<std::ptrdiff_t>(part.block.offset - run.offset + part.at));
                filled[index] += static_cast<std::uint32_t>(part.bytes.size());
                EXPECT_EQ(part.complete(), filled[index] == part.block.length);
            });
        }
        EXPECT_THAT(filled, ElementsAre(16 * kib, 16 * kib, 8 * kib)) << "in steps of " << step;
    }
}

}  // namespace
}  // namespace spate::wire
