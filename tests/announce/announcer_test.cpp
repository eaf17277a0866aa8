// What a tracker is told in the course of a life, and how often.
#include <gmock/gmock.h>

#include "tests/announce/announcer_bench.h"

namespace spate::engine {
namespace {

using namespace std::chrono_literals;
using announce::Event;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class AnnouncerTest : public AnnouncerBench {};

TEST_P(AnnouncerTest, TellsALifeFromStartToStop) {
    TrackerDouble& tracker = add_tracker();
    tracker.reply = reply_with(600);
    start({{url(GetParam(), "t1")}});
    run_for(5s);
    EXPECT_THAT(tracker.events(), ElementsAre(Event::started));
    EXPECT_THAT(source.peers, ElementsAre(Endpoint{Address::v4(10, 9, 9, 9), 1234}));
    EXPECT_EQ(tracker.announced[0].request.left, 100u);
    EXPECT_TRUE(announcer->status().at(0).working);

    run_for(530s);
    EXPECT_THAT(tracker.announced, SizeIs(1));
    run_for(140s);  // within 10 % of the interval
    EXPECT_THAT(tracker.events(), ElementsAre(Event::started, Event::none));

    source.told.left = 0;
    announcer->completed();
    run_for(5s);
    EXPECT_THAT(tracker.events(), ElementsAre(Event::started, Event::none, Event::completed));
    bool stopped = false;
    announcer->stop(5s, [&] { stopped = true; });
    run_for(4s);
    EXPECT_TRUE(stopped);
    EXPECT_EQ(tracker.events().back(), Event::stopped);
    EXPECT_EQ(tracker.announced.back().request.want, 0u);
    run_for(1h);
    EXPECT_THAT(tracker.announced, SizeIs(4));
    EXPECT_THAT(source.warnings, IsEmpty());
}

TEST_P(AnnouncerTest, HybridsAreAnnouncedUnderBothNames) {
    TrackerDouble& tracker = add_tracker();
    source.told.swarms = {hash::Sha1{1}, hash::Sha1{2}};
    start({{url(GetParam(), "t1")}});
    run_for(5s);
    std::vector<hash::Sha1> swarms;
    for (const auto& one : tracker.announced) swarms.push_back(one.request.swarm);
    EXPECT_THAT(swarms, UnorderedElementsAre(hash::Sha1{1}, hash::Sha1{2}));
}

TEST_P(AnnouncerTest, CompletedIsSaidOnce) {
    TrackerDouble& tracker = add_tracker();
    start({{url(GetParam(), "t1")}});
    run_for(5s);
    source.told.left = 0;
    announcer->completed();
    run_for(5s);
    announcer->stop(5s, [] {});
    run_for(4s);
    EXPECT_THAT(tracker.events(), ElementsAre(Event::started, Event::completed, Event::stopped));
}

TEST_P(AnnouncerTest, WhatIsLostIsToldAtOnce) {
    TrackerDouble& tracker = add_tracker();
    tracker.reply = reply_with(1800);
    source.told.left = 0;
    start({{url(GetParam(), "t1")}});
    run_for(5s);
    source.told.left = 50;
    announcer->changed();
    run_for(5s);
    ASSERT_THAT(tracker.events(), ElementsAre(Event::started, Event::none));
    EXPECT_EQ(tracker.announced.back().request.left, 50u);
}

TEST_P(AnnouncerTest, WhatIsLostBeforeCompletedWasSaidIsNotToldAgainAndAgain) {
    TrackerDouble& tracker = add_tracker();
    tracker.reply = reply_with(1800);
    start({{url(GetParam(), "t1")}});
    run_for(5s);
    source.told.left = 0;
    announcer->completed();
    source.told.left = 50;
    run_for(60s);
    EXPECT_THAT(tracker.events(), ElementsAre(Event::started, Event::none));
}

TEST_P(AnnouncerTest, WhoeverIsForgottenAnnouncesAtOnceWhateverFailedBefore) {
    TrackerDouble& tracker = add_tracker();
    tracker.reply = reply_with(1800);
    start({{url(GetParam(), "t1")}});
    run_for(5s);
    announcer->announce_now();
    run_for(5s);
    ASSERT_THAT(tracker.events(), ElementsAre(Event::started, Event::none));
    tracker.silent = true;
    announcer->announce_now();
    run_for(20min);  // it is tried rarely by now
    tracker.silent = false;
    const auto before = tracker.announced.size();
    announcer->announce_now();
    run_for(5s);
    EXPECT_EQ(tracker.announced.size(), before + 1);
}

TEST_P(AnnouncerTest, IntervalsAreHeldWithinReason) {
    TrackerDouble& tracker = add_tracker();
    tracker.reply = reply_with(0);
    start({{url(GetParam(), "t1")}});
    run_for(10min);
    EXPECT_LE(tracker.announced.size(), 11u);
    EXPECT_GE(tracker.announced.size(), 8u);
    tracker.reply = reply_with(UINT32_MAX);
    run_for(2min);
    const auto before = tracker.announced.size();
    run_for(8h);
    EXPECT_GE(tracker.announced.size(), before + 3);
}

TEST_P(AnnouncerTest, AHurryKeepsTheMinimumInterval) {
    TrackerDouble& tracker = add_tracker();
    tracker.reply = reply_with(1800);
    start({{url(GetParam(), "t1")}});
    run_for(5s);
    for (int i = 0; i < 30; ++i) {
        announcer->hurry();
        run_for(1s);
    }
    EXPECT_THAT(tracker.announced, SizeIs(1));
    run_for(60s);
    EXPECT_THAT(tracker.announced, SizeIs(2));
    run_for(20min);
    EXPECT_THAT(tracker.announced, SizeIs(2));
}

INSTANTIATE_TEST_SUITE_P(, AnnouncerTest, ::testing::Values("http", "udp"), name_of);

}  // namespace
}  // namespace spate::engine
