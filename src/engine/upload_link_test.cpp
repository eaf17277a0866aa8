#include "engine/upload_link.h"

#include <gmock/gmock.h>

namespace spate::engine {
namespace {

using testing::ElementsAre;

constexpr std::uint32_t block = 16 << 10;

wire::BlockRequest blocks(std::uint32_t first, std::uint32_t count) {
    return {wire::PieceIndex(7), first * block, count * block};
}

class RequestQueueTest : public testing::Test {
  protected:
    bool remove(const wire::BlockRequest& request) { return queue_.remove(request, looked_at_); }
    std::vector<wire::BlockRequest> waiting() const { return {queue_.begin(), queue_.end()}; }
    RequestQueue queue_;
    std::uint64_t looked_at_ = 0;
};

TEST_F(RequestQueueTest, ABlockIsTakenOutOfARun) {
    queue_.push(blocks(0, 1));
    queue_.push(blocks(4, 4));
    EXPECT_TRUE(remove(blocks(5, 1)));
    EXPECT_THAT(waiting(), ElementsAre(blocks(0, 1), blocks(4, 1), blocks(6, 2)));
    EXPECT_TRUE(remove(blocks(6, 1))) << "at the beginning";
    EXPECT_TRUE(remove(blocks(4, 1))) << "all of it";
    EXPECT_THAT(waiting(), ElementsAre(blocks(0, 1), blocks(7, 1)));
    EXPECT_EQ(looked_at_, 2U + 3U + 2U);
}

TEST_F(RequestQueueTest, WhatIsNotAllThereIsNotTakenOut) {
    queue_.push(blocks(4, 4));
    EXPECT_FALSE(remove(blocks(3, 2)));
    EXPECT_FALSE(remove(blocks(7, 2)));
    EXPECT_FALSE(remove({wire::PieceIndex(8), 4 * block, block}));
    EXPECT_FALSE(remove({wire::PieceIndex(7), 5 * block, 0}));
    EXPECT_FALSE(remove({wire::PieceIndex(7), 5 * block, UINT32_MAX}));
    EXPECT_THAT(waiting(), ElementsAre(blocks(4, 4)));
}

TEST_F(RequestQueueTest, OutOfTheMiddleOnlyWhileThereIsRoom) {
    while (queue_.push(blocks(0, 3))) {
    }
    EXPECT_FALSE(remove(blocks(1, 1)));
    EXPECT_EQ(queue_.size(), RequestQueue::requests_max);
    queue_.pop();
    EXPECT_TRUE(remove(blocks(1, 1)));
    EXPECT_EQ(queue_.size(), RequestQueue::requests_max);
}

TEST_F(RequestQueueTest, WhatWasServedIsNotLookedAt) {
    queue_.push(blocks(0, 2));
    queue_.push(blocks(4, 1));
    queue_.push(blocks(5, 1));
    queue_.push(blocks(6, 1));
    queue_.push(blocks(7, 1));
    queue_.pop();
    EXPECT_FALSE(remove(blocks(0, 1)));
    EXPECT_TRUE(remove(blocks(5, 1)));
    EXPECT_THAT(waiting(), ElementsAre(blocks(4, 1), blocks(6, 1), blocks(7, 1)));
}

}  // namespace
}  // namespace spate::engine
