#include "engine/request_queue.h"

#include <gtest/gtest.h>

namespace spate::engine {
namespace {

wire::BlockRequest block(std::uint32_t number) {
    return {wire::PieceIndex(number), 0, 16384};
}

TEST(RequestQueue, OldestFirstAndAnyMayBeTakenOut) {
    RequestQueue queue;
    for (std::uint32_t i = 0; i < 10; ++i) ASSERT_TRUE(queue.push(block(i)));
    for (std::uint32_t i = 0; i < 3; ++i) {
        EXPECT_EQ(queue.front(), block(i));
        queue.pop();
    }
    std::uint64_t looked_at = 0;
    EXPECT_FALSE(queue.remove(block(1), looked_at));  // is out
    EXPECT_EQ(looked_at, 7U);
    EXPECT_TRUE(queue.remove(block(4), looked_at));
    EXPECT_EQ(looked_at, 9U);
    std::vector<std::uint32_t> left;
    for (const auto& request : queue) left.push_back(request.piece.value);
    EXPECT_EQ(left, (std::vector<std::uint32_t>{3, 5, 6, 7, 8, 9}));
    EXPECT_EQ(queue.size(), left.size());
}

TEST(RequestQueue, IsFullWithWhatWaitsAndNotWithWhatWasServed) {
    RequestQueue queue;
    for (std::size_t i = 0; i < RequestQueue::requests_max; ++i) ASSERT_TRUE(queue.push(block(0)));
    EXPECT_FALSE(queue.push(block(1)));
    queue.pop();
    EXPECT_TRUE(queue.push(block(1)));
    while (!queue.empty()) queue.pop();
    EXPECT_EQ(queue.begin(), queue.end());
}

}  // namespace
}  // namespace spate::engine
