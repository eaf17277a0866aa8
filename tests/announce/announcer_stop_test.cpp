// What an announcer says last, and to whom.
#include <gmock/gmock.h>

#include "tests/announce/announcer_bench.h"

namespace spate::engine {
namespace {

using namespace std::chrono_literals;
using announce::Event;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::SizeIs;

class AnnouncerStop : public AnnouncerBench {};

TEST_P(AnnouncerStop, StoppingHasATimeLimit) {
    TrackerDouble& tracker = add_tracker();
    start({{url(GetParam(), "t1")}});
    run_for(5s);
    tracker.silent = true;
    int stopped = 0;
    announcer->stop(5s, [&] { ++stopped; });
    run_for(4s);
    EXPECT_EQ(stopped, 0);
    run_for(10min);
    EXPECT_EQ(stopped, 1);
    EXPECT_THAT(tracker.announced, SizeIs(1));
}

TEST_P(AnnouncerStop, WhoStopsWhenAllIsThereIsCountedFirst) {
    TrackerDouble& tracker = add_tracker();
    start({{url(GetParam(), "t1")}});
    run_for(5s);
    source.told.left = 0;
    announcer->completed();
    bool stopped = false;
    announcer->stop(5s, [&] { stopped = true; });
    source.told.left = announce::left_unknown;  // the torrent goes before its trackers have heard of it
    run_for(4s);
    EXPECT_TRUE(stopped);
    EXPECT_THAT(tracker.events(), ElementsAre(Event::started, Event::completed, Event::stopped));
    EXPECT_EQ(tracker.announced.at(1).request.left, 0u);
}

TEST_P(AnnouncerStop, ADeadTrackerHidesNoLastWordsFromOthers) {
    TrackerDouble& one = add_tracker();
    TrackerDouble& other = add_tracker();
    one.reply = other.reply = reply_with(600);
    start({{url(GetParam(), "t1"), url(GetParam(), "t2")}});
    run_for(5s);
    TrackerDouble& dead = one.announced.empty() ? other : one;
    TrackerDouble& living = one.announced.empty() ? one : other;
    dead.silent = true;
    run_for(20min);
    ASSERT_THAT(living.events(), Contains(Event::started));
    source.told.left = 0;
    announcer->completed();
    announcer->stop(5s, [] {});
    const auto before = living.announced.size();
    run_for(1s);
    ASSERT_THAT(living.announced, SizeIs(before + 2));
    EXPECT_EQ(living.announced[before].request.event, Event::completed);
    EXPECT_EQ(living.announced[before + 1].request.event, Event::stopped);
}

TEST_P(AnnouncerStop, AFamilyThatIsSilentHidesNoStop) {
    TrackerDouble& first = add_tracker({Address::v4(10, 0, 9, 9), tracker_v6});
    TrackerDouble second(hosts[0]->processes()[0]->world(), Endpoint{tracker_v6, port});
    second.silent = true;
    use_both_families();
    start({{url(GetParam(), "t1")}});
    run_for(5s);
    ASSERT_THAT(first.events(), ElementsAre(Event::started));
    announcer->stop(5s, [] {});
    run_for(4s);
    EXPECT_THAT(first.events(), ElementsAre(Event::started, Event::stopped));
}

TEST_P(AnnouncerStop, StoppingTellsNobodyWhoDoesNotKnowUs) {
    add_tracker().silent = true;
    start({{url(GetParam(), "t1")}});
    run_for(4s);
    bool stopped = false;
    announcer->stop(5s, [&] { stopped = true; });
    EXPECT_FALSE(stopped) << "not from inside the call";
    run_for(1s);
    EXPECT_TRUE(stopped);
}

TEST_P(AnnouncerStop, StoppingTellsWhomTheFirstAnnounceMayHaveReached) {
    TrackerDouble& tracker = add_tracker();
    start({{url(GetParam(), "t1")}});
    ASSERT_TRUE(testbed.simulation().run_until([&] { return !tracker.announced.empty(); }, 5s));
    EXPECT_FALSE(announcer->status().at(0).working) << "the answer is on its way";
    bool stopped = false;
    announcer->stop(5s, [&] { stopped = true; });
    run_for(4s);
    EXPECT_TRUE(stopped);
    EXPECT_THAT(tracker.events(), ElementsAre(Event::started, Event::stopped));
}

INSTANTIATE_TEST_SUITE_P(, AnnouncerStop, ::testing::Values("http", "udp"), name_of);

}  // namespace
}  // namespace spate::engine
