#include "engine/announce_times.h"

#include <chrono>
#include <gtest/gtest.h>

namespace spate::engine {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class AnnounceTimesTest : public ::testing::Test {
  protected:
    void reply(std::uint32_t interval, std::optional<std::uint32_t> min_interval = {}) {
        announce::AnnounceReply reply;
        reply.interval = interval;
        reply.min_interval = min_interval;
        times.on_reply(reply);
        times.on_answered(now);
    }

    Rng rng{7};
    AnnounceTimes times;
    TimePoint now{std::chrono::hours(1)};
};

TEST_F(AnnounceTimesTest, TheIntervalIsTheTrackersWithinBounds) {
    for (int i = 0; i < 100; ++i) {
        reply(1000);
        const auto next = times.interval(rng);
        EXPECT_GE(next, seconds(900));
        EXPECT_LE(next, seconds(1100));
        reply(0);
        EXPECT_GE(times.interval(rng), seconds(60));
        reply(1'000'000);
        EXPECT_LE(times.interval(rng), minutes(132));
        reply(1000, 1090);
        EXPECT_GE(times.interval(rng), seconds(1090));
    }
}

TEST_F(AnnounceTimesTest, WhoIsInAHurryWaitsForTheMinInterval) {
    EXPECT_FALSE(times.sooner(now));
    reply(1800, 300);
    times.set_due(now + seconds(1800));
    EXPECT_EQ(times.sooner(now), now + seconds(300));
    EXPECT_EQ(times.sooner(now + seconds(400)), now + seconds(400));
    times.set_due(now + seconds(200));
    EXPECT_FALSE(times.sooner(now));
    times.set_due(now + seconds(1800));
    times.on_failed();
    EXPECT_FALSE(times.sooner(now));
}

TEST_F(AnnounceTimesTest, PausesDoubleUntilOneAnswers) {
    EXPECT_FALSE(times.failing());
    for (const auto whole : {seconds(15), seconds(30), seconds(60)}) {
        const auto pause = times.pause(rng);
        EXPECT_GE(pause, whole / 2);
        EXPECT_LE(pause, whole);
    }
    EXPECT_TRUE(times.failing());
    for (int i = 0; i < 100; ++i) EXPECT_LE(times.pause(rng), minutes(30));
    reply(1800);
    EXPECT_FALSE(times.failing());
    EXPECT_LE(times.pause(rng), seconds(15));
}

}  // namespace
}  // namespace spate::engine
