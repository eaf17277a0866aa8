#include "engine/send_stall.h"

#include <gtest/gtest.h>

namespace spate::engine {
namespace {

constexpr TimePoint start{};
constexpr Duration time = SendStall::stall_time;

TEST(SendStall, LastsUntilSomethingArrives) {
    SendStall stall;
    stall.look(1000, start);
    stall.look(1000, start + time / 2);
    EXPECT_FALSE(stall.lasts());
    stall.look(1000, start + time);
    EXPECT_TRUE(stall.lasts());
    stall.look(1001, start + time * 2);
    EXPECT_FALSE(stall.lasts());
    stall.look(1001, start + time * 3);
    EXPECT_TRUE(stall.lasts());
}

TEST(SendStall, NothingLiesWhereNothingWaits) {
    SendStall stall;
    stall.end(start);
    stall.end(start + time);
    EXPECT_FALSE(stall.lasts());
    stall.look(1000, start + time * 3 / 2);
    EXPECT_FALSE(stall.lasts());
    stall.look(1000, start + time * 5 / 2);
    EXPECT_TRUE(stall.lasts()) << "since it waits";
}

}  // namespace
}  // namespace spate::engine
