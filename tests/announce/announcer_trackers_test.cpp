// Which trackers an announcer asks, and how it goes on when some do not answer.
#include <gmock/gmock.h>

#include "tests/announce/announcer_bench.h"

namespace spate::engine {
namespace {

using namespace std::chrono_literals;
using announce::Event;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class AnnouncerTrackers : public AnnouncerBench {};

TEST_P(AnnouncerTrackers, ATrackerThatIsGoneGivesWayToTheNextOfItsTier) {
    TrackerDouble& tracker = add_tracker();
    tracker.reply = reply_with(600);
    start({{url(GetParam(), "nowhere1"), url(GetParam(), "t1"), url(GetParam(), "nowhere2")}});
    run_for(10s);
    EXPECT_THAT(tracker.events(), ElementsAre(Event::started));
    const auto warnings = source.warnings.size();
    run_for(30min);  // it is asked first from now on
    EXPECT_THAT(tracker.announced, SizeIs(3 + 1));
    EXPECT_EQ(source.warnings.size(), warnings);
    EXPECT_THAT(announcer->status().at(0).url, HasSubstr("t1"));
}

TEST_P(AnnouncerTrackers, ASilentTierDelaysNoOther) {
    TrackerDouble& silent = add_tracker();
    silent.silent = true;
    TrackerDouble& tracker = add_tracker();
    start({{url(GetParam(), "t1")}, {url(GetParam(), "t2")}});
    run_for(2s);
    EXPECT_THAT(tracker.events(), ElementsAre(Event::started));
    EXPECT_THAT(source.warnings, IsEmpty());
    run_for(2min);
    EXPECT_THAT(source.warnings, ElementsAre(HasSubstr("no answer")));
    silent.silent = false;  // it comes back
    run_for(10min);
    EXPECT_THAT(silent.events(), ElementsAre(Event::started));
}

TEST_P(AnnouncerTrackers, WhenAllFailThePausesGrow) {
    TrackerDouble& tracker = add_tracker();
    tracker.reply = announce::Failure{"go\x1b[31m away", {}};
    start({{url(GetParam(), "t1")}});
    run_for(3min);
    const auto early = tracker.announced.size();
    EXPECT_GE(early, 4u);
    EXPECT_LE(early, 8u);
    run_for(4h);
    EXPECT_LE(tracker.announced.size(), early + 4 + 8 + 8);
    EXPECT_THAT(tracker.events(), Each(Event::started));
    EXPECT_THAT(source.warnings, ElementsAre(HasSubstr("it says: go\\x1b[31m away")));
}

TEST_P(AnnouncerTrackers, BothAddressesOfATrackerAreAsked) {
    TrackerDouble& first = add_tracker({Address::v4(10, 0, 9, 9), tracker_v6});
    TrackerDouble second(hosts[0]->processes()[0]->world(), Endpoint{tracker_v6, port});
    use_both_families();
    start({{url(GetParam(), "t1")}});
    run_for(5s);
    EXPECT_THAT(first.events(), ElementsAre(Event::started));
    EXPECT_THAT(second.events(), ElementsAre(Event::started));
    ASSERT_EQ(second.announced.size(), 1u);
    EXPECT_EQ(first.announced.at(0).request.key, second.announced[0].request.key);
    EXPECT_THAT(source.warnings, IsEmpty());
}

TEST_P(AnnouncerTrackers, GetsThroughABadNetwork) {
    testbed.network().default_link().loss = 200'000;
    TrackerDouble& tracker = add_tracker();
    tracker.reply = reply_with(600);
    start({{url(GetParam(), "t1")}});
    run_for(10min);
    EXPECT_FALSE(tracker.announced.empty());
    EXPECT_FALSE(source.peers.empty());
    EXPECT_TRUE(announcer->status().at(0).working);
}

TEST_F(AnnouncerTrackers, AUdpConnectionServesAllThatIsSaidWithinAMinute) {
    TrackerDouble& tracker = add_tracker();
    tracker.reply = reply_with(1800);
    start({{url("udp", "t1")}});
    run_for(5s);
    const auto from = tracker.announced.at(0).from;
    announcer->changed();
    run_for(5s);
    ASSERT_THAT(tracker.announced, SizeIs(2));
    EXPECT_EQ(tracker.announced[1].from, from);
    EXPECT_EQ(tracker.connects, 1);
    // Another torrent at the same tracker.
    Announcer other(peer_process->world(), *schedule, source, {{url("udp", "t1")}});
    other.start();
    run_for(5s);
    ASSERT_THAT(tracker.announced, SizeIs(3));
    EXPECT_EQ(tracker.connects, 1);
    run_for(60s);
    announcer->changed();
    run_for(5s);
    ASSERT_THAT(tracker.announced, SizeIs(4));
    EXPECT_EQ(tracker.connects, 2);
}

TEST_F(AnnouncerTrackers, ATrackerThatWasStartedAgainIsConnectedToAnew) {
    TrackerDouble& tracker = add_tracker();
    tracker.reply = reply_with(1800);
    start({{url("udp", "t1")}});
    run_for(5s);
    tracker.connection_id = 4712;
    announcer->changed();
    run_for(5s);
    EXPECT_THAT(tracker.announced, SizeIs(2));
    EXPECT_THAT(source.warnings, IsEmpty());
}

TEST_F(AnnouncerTrackers, OtherServicesOfThisMachineAreLeftAlone) {  // reliability.md 75
    TrackerDouble here(peer_process->world(), Endpoint{Address::loopback(), port});
    start({{"http://127.0.0.1:6969/admin?x=/announce"}, {"wss://t1/"}, {"http://127.0.0.1:6969/announce"}});
    run_for(2min);
    EXPECT_THAT(here.announced, SizeIs(1));
    EXPECT_THAT(source.warnings, Contains(HasSubstr("may be asked")));
    EXPECT_THAT(source.warnings, Contains(HasSubstr("scheme")));
}

TEST_F(AnnouncerTrackers, ACrowdOfTrackersIsCut) {
    std::vector<std::vector<std::string>> tiers(100, {"http://nowhere/announce"});
    for (std::size_t i = 0; i < tiers.size(); ++i) tiers[i][0] += std::to_string(i / 2);
    start(tiers);
    EXPECT_EQ(announcer->status().size(), announce_tiers_max);
    run_for(1min);
}

INSTANTIATE_TEST_SUITE_P(, AnnouncerTrackers, ::testing::Values("http", "udp"), name_of);

}  // namespace
}  // namespace spate::engine
