// What an announcer makes of what a tracker says over HTTP.
#include <gmock/gmock.h>

#include "tests/announce/announcer_bench.h"

namespace spate::engine {
namespace {

using namespace std::chrono_literals;
using announce::Event;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class AnnouncerReply : public AnnouncerBench {};

TEST_F(AnnouncerReply, KeepsWhatTheTrackerGaveIt) {
    TrackerDouble& tracker = add_tracker();
    auto reply = reply_with(60);
    reply.tracker_id = "a b";
    reply.external_ip = Address::v4(192, 0, 2, 7);
    reply.warning = "soon closed";
    reply.complete = 3;
    tracker.reply = reply;
    start({{url("http", "t1")}});
    run_for(5min);
    EXPECT_EQ(tracker.announced.back().request.tracker_id, "a b");
    EXPECT_EQ(source.external, Address::v4(192, 0, 2, 7));
    EXPECT_THAT(source.warnings, ElementsAre(HasSubstr("soon closed")));
    EXPECT_EQ(announcer->status().at(0).seeds, 3u);
}

TEST_F(AnnouncerReply, RetryInIsKept) {  // BEP 31
    TrackerDouble& later = add_tracker();
    later.reply = announce::Failure{"busy", announce::RetryIn{false, 30}};
    TrackerDouble& gone = add_tracker();
    gone.reply = announce::Failure{"gone", announce::RetryIn{true, 0}};
    TrackerDouble& much_later = add_tracker();
    much_later.reply = announce::Failure{"next year", announce::RetryIn{false, 0xffff'ffff}};
    start({{url("http", "t1")}, {url("http", "t2")}, {url("http", "t3")}});
    run_for(29min);
    EXPECT_THAT(much_later.announced, SizeIs(1)) << "its minutes do not fit into nanoseconds";
    EXPECT_THAT(later.announced, SizeIs(1));
    run_for(10min);
    EXPECT_THAT(later.announced, SizeIs(2));
    run_for(100h);
    EXPECT_THAT(gone.announced, SizeIs(1));
}

TEST_F(AnnouncerReply, PartialSeedsSayPaused) {  // BEP 21
    TrackerDouble& tracker = add_tracker();
    tracker.reply = reply_with(60);
    source.told.partial_seed = true;
    start({{url("http", "t1")}});
    run_for(100s);
    EXPECT_THAT(tracker.events(), ElementsAre(Event::started, Event::paused));
}

}  // namespace
}  // namespace spate::engine
