#include "wire/metadata_queue.h"

#include <gtest/gtest.h>
#include <vector>

#include "wire/limits.h"

namespace spate::wire {
namespace {

const std::vector<std::uint8_t> info(2 * metadata_block_size + 10, 7);

TEST(MetadataQueue, AnswersInTurn) {
    MetadataQueue queue;
    EXPECT_FALSE(queue.next(info));
    for (const std::uint32_t block : {2U, 0U, 3U, UINT32_MAX}) EXPECT_TRUE(queue.push({block}));
    const auto last = std::get<MetadataData>(*queue.next(info));
    EXPECT_EQ(last.block, 2U);
    EXPECT_EQ(last.total_size, info.size());
    EXPECT_EQ(last.bytes.size(), 10U);
    EXPECT_EQ(std::get<MetadataData>(*queue.next(info)).bytes.data(), info.data());
    EXPECT_EQ(std::get<MetadataReject>(*queue.next(info)).block, 3U);
    EXPECT_EQ(std::get<MetadataReject>(*queue.next(info)).block, UINT32_MAX);
    EXPECT_TRUE(queue.empty());
}

TEST(MetadataQueue, WithoutMetadataAllIsRejected) {
    MetadataQueue queue;
    queue.push({0});
    EXPECT_TRUE(std::holds_alternative<MetadataReject>(*queue.next({})));
}

// Row 43.
TEST(MetadataQueue, AFloodIsBounded) {
    MetadataQueue queue;
    for (std::size_t i = 0; i < metadata_queue_max; ++i) EXPECT_TRUE(queue.push({0}));
    EXPECT_FALSE(queue.push({0}));
    std::size_t served = 0;
    for (int i = 0; i < 1000; ++i) {
        queue.push({0});
        if (const auto answer = queue.next(info))
            if (const auto* data = std::get_if<MetadataData>(&*answer)) served += data->bytes.size();
    }
    EXPECT_LE(served, info.size() * metadata_serves_max + metadata_block_size);
    EXPECT_GE(served, info.size() * metadata_serves_max);
}

}  // namespace
}  // namespace spate::wire
