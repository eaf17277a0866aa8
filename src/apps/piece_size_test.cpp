#include "apps/piece_size.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spate::apps {
namespace {

TEST(PieceSize, PowersOfTwoThatEveryClientTakes) {
    for (const char* good : {"16k", "16384", "256K", "1M", "4MiB", "512M"})
        EXPECT_EQ(check_piece_size(good), "") << good;
    for (const char* bad : {"", "x", "0", "3", "8k", "48k", "1000000", "1G", "-16k"})
        EXPECT_THAT(check_piece_size(bad), ::testing::HasSubstr("a power of two from 16k to 512M")) << bad;
}

}  // namespace
}  // namespace spate::apps
