#include "engine/tier_trackers.h"

#include <chrono>
#include <gmock/gmock.h>

namespace spate::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

class TierTrackersTest : public ::testing::Test {
  protected:
    static std::vector<http::Url> urls() {
        std::vector<http::Url> all;
        for (const char* const text : {"http://a/", "http://b/", "http://c/"})
            all.push_back(http::Url::parse(text).value());
        return all;
    }
    std::vector<std::string> hosts() const {
        std::vector<std::string> all;
        for (const TierTracker& tracker : trackers.all()) all.push_back(tracker.url.authority());
        return all;
    }

    Rng rng{3};
    TierTrackers trackers{urls(), rng};
    const TimePoint now{std::chrono::hours(1)};
};

TEST_F(TierTrackersTest, OneThatFailsGivesWayAndOneThatAnswersComesFirst) {
    const auto before = hosts();
    EXPECT_THAT(before, UnorderedElementsAre("a", "b", "c"));
    ASSERT_TRUE(trackers.find_next(now));
    trackers.on_failed();
    ASSERT_TRUE(trackers.find_next(now));
    trackers.on_answered();
    EXPECT_THAT(hosts(), ElementsAre(before[1], before[0], before[2]));
    EXPECT_EQ(trackers.current().url.authority(), before[1]);
}

TEST_F(TierTrackersTest, WhoWantsToBeLeftAloneIsPassedOver) {
    const auto before = hosts();
    ASSERT_TRUE(trackers.find_next(now));
    trackers.current().not_before = now + std::chrono::minutes(1);
    ASSERT_TRUE(trackers.find_next(now));
    EXPECT_EQ(trackers.current().url.authority(), before[1]);
    trackers.current().not_before = never;
    trackers.on_failed();
    trackers.current().not_before = never;
    EXPECT_FALSE(trackers.find_next(now));
    EXPECT_EQ(trackers.begin_again(), now + std::chrono::minutes(1));
    EXPECT_TRUE(trackers.find_next(now + std::chrono::minutes(1)));
}

TEST_F(TierTrackersTest, OnlyThoseThatAnswerCount) {
    std::optional<Announcer::Counts> counts;
    trackers.current().counts = {5, 6};
    trackers.add_counts(counts);
    EXPECT_FALSE(counts);
    trackers.current().working = true;
    trackers.add_counts(counts);
    ASSERT_TRUE(counts);
    EXPECT_EQ(counts->seeds, 5U);
    EXPECT_EQ(counts->leechers, 6U);
}

TEST_F(TierTrackersTest, BothSwarmsOfAHybridAreTold) {
    AnnounceFigures figures;
    figures.swarms = {hash::Sha1{1}, hash::Sha1{2}};
    figures.left = 9;
    trackers.current().id = "of that tracker";
    const auto requests = trackers.current().requests(figures, announce::Event::started, 30, 77);
    ASSERT_EQ(requests.size(), 2U);
    EXPECT_EQ(requests[1].swarm, hash::Sha1{2});
    EXPECT_EQ(requests[1].left, 9U);
    EXPECT_EQ(requests[1].want, 30U);
    EXPECT_EQ(requests[1].key, 77U);
    EXPECT_EQ(requests[1].tracker_id, "of that tracker");
    EXPECT_EQ(trackers.that_knows(), nullptr);
}

}  // namespace
}  // namespace spate::engine
