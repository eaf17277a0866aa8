#include "apps/seed_until.h"

#include <gtest/gtest.h>

namespace spate::apps {
namespace {

using std::chrono::seconds;

TEST(SeedUntil, TimesHaveAUnit) {
    EXPECT_EQ(parse_time("90s"), seconds(90));
    EXPECT_EQ(parse_time("2h"), seconds(7200));
    EXPECT_EQ(parse_time("1d"), seconds(86'400));
    for (const char* wrong : {"", "s", "90", "-1m", "1.5h", "99999999999999d", "1 m"})
        EXPECT_EQ(parse_time(wrong), std::nullopt) << wrong;
}

TEST(SeedUntil, ARatioEndsItWhenThatMuchWasGiven) {
    const auto until = SeedUntil::parse("1.5");
    ASSERT_TRUE(until);
    EXPECT_FALSE(until->reached(1499, 1000, seconds(1'000'000)));
    EXPECT_TRUE(until->reached(1500, 1000, seconds(0)));
}

TEST(SeedUntil, ATimeEndsItWhateverWasGiven) {
    const auto until = SeedUntil::parse("10m");
    ASSERT_TRUE(until);
    EXPECT_FALSE(until->reached(1'000'000, 1, seconds(599)));
    EXPECT_TRUE(until->reached(0, 1000, seconds(600)));
}

TEST(SeedUntil, NeverHasNoEndAndNothingEndsAtOnce) {
    EXPECT_FALSE(SeedUntil::parse("never")->reached(1'000'000, 1, seconds(1'000'000)));
    EXPECT_TRUE(SeedUntil{}.reached(0, 1000, seconds(0)));
}

TEST(SeedUntil, OtherWordsAreNone) {
    for (const char* wrong : {"", "forever", "1.5x", "-1", "1k", "1e3", "NEVER", "..", "1.5 "})
        EXPECT_FALSE(SeedUntil::parse(wrong)) << wrong;
}

}  // namespace
}  // namespace spate::apps
