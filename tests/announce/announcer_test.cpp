// The announcer in the simulated world, against trackers that do what a test wants.
#include "engine/announcer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/test_programs.h"
#include "tests/announce/tracker_double.h"

namespace spate::engine {
namespace {

using namespace std::chrono_literals;
using announce::Event;
using spate::testing::TrackerDouble;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr std::uint16_t port = 6969;

class Source final : public AnnounceSource {
  public:
    Source() {
        told.swarms = {hash::Sha1{1}};
        told.port = 6881;
        told.left = 100;
    }
    AnnounceFigures figures() const override { return told; }
    void on_peers(std::span<const Endpoint> given, const Address&) override {
        peers.insert(peers.end(), given.begin(), given.end());
    }
    void on_external_address(const Address& address) override { external = address; }
    void on_tracker_warning(const std::string& tracker, const std::string& text) override {
        warnings.push_back(tracker + " " + text);
    }
    AnnounceFigures told;
    std::vector<Endpoint> peers;
    std::optional<Address> external;
    std::vector<std::string> warnings;
};

class AnnouncerTest : public ::testing::TestWithParam<std::string> {
  protected:
    AnnouncerTest() : testbed(7), peer(testbed.add_host("peer", sim::plain_host())) {
        peer_process = &peer.run("announcer", sim::idle_program());
    }
    // Host tN with a tracker on it.
    TrackerDouble& add_tracker(std::vector<Address> addresses = {}) {
        auto settings = sim::plain_host();
        settings.node.addresses = std::move(addresses);
        sim::Host& host = testbed.add_host("t" + std::to_string(trackers.size() + 1), settings);
        hosts.push_back(&host);
        sim::Process& process = host.run("tracker", sim::idle_program());
        trackers.push_back(std::make_unique<TrackerDouble>(process.world(), Endpoint{host.address(), port}));
        return *trackers.back();
    }
    static std::string url(const std::string& scheme, const std::string& host) {
        return scheme + "://" + host + ":" + std::to_string(port) + "/announce";
    }
    void start(const std::vector<std::vector<std::string>>& tiers) {
        schedule = std::make_unique<AnnounceSchedule>(peer_process->world().reactor);
        announcer = std::make_unique<Announcer>(peer_process->world(), *schedule, source, tiers);
        announcer->start();
    }
    void run_for(Duration length) { testbed.simulation().run_for(length); }
    announce::AnnounceReply reply_with(std::uint32_t interval) {
        announce::AnnounceReply reply;
        reply.interval = interval;
        reply.peers = {{Address::v4(10, 9, 9, 9), 1234}};
        return reply;
    }

    sim::Testbed testbed;
    sim::Host& peer;
    sim::Process* peer_process;
    std::vector<sim::Host*> hosts;
    std::vector<std::unique_ptr<TrackerDouble>> trackers;
    Source source;
    std::unique_ptr<AnnounceSchedule> schedule;
    std::unique_ptr<Announcer> announcer;
};

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

TEST_P(AnnouncerTest, ATrackerThatIsGoneGivesWayToTheNextOfItsTier) {
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

TEST_P(AnnouncerTest, ASilentTierDelaysNoOther) {
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

TEST_P(AnnouncerTest, WhenAllFailThePausesGrow) {
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

TEST_P(AnnouncerTest, HybridsAreAnnouncedUnderBothNames) {
    TrackerDouble& tracker = add_tracker();
    source.told.swarms = {hash::Sha1{1}, hash::Sha1{2}};
    start({{url(GetParam(), "t1")}});
    run_for(5s);
    std::vector<hash::Sha1> swarms;
    for (const auto& one : tracker.announced) swarms.push_back(one.request.swarm);
    EXPECT_THAT(swarms, UnorderedElementsAre(hash::Sha1{1}, hash::Sha1{2}));
}

TEST_P(AnnouncerTest, StoppingHasATimeLimit) {
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

TEST_P(AnnouncerTest, WhoStopsWhenAllIsThereIsCountedFirst) {
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

TEST_P(AnnouncerTest, ADeadTrackerHidesNoLastWordsFromOthers) {
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

TEST_F(AnnouncerTest, AUdpConnectionServesAllThatIsSaidWithinAMinute) {
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

TEST_F(AnnouncerTest, ATrackerThatWasStartedAgainIsConnectedToAnew) {
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

TEST_P(AnnouncerTest, AFamilyThatIsSilentHidesNoStop) {
    const Address v6 = Address::parse("2001:db8::99").value();
    TrackerDouble& first = add_tracker({Address::v4(10, 0, 9, 9), v6});
    TrackerDouble second(hosts[0]->processes()[0]->world(), Endpoint{v6, port});
    second.silent = true;
    auto settings = sim::plain_host();
    settings.node.addresses = {Address::v4(10, 0, 9, 8), Address::parse("2001:db8::98").value()};
    peer_process = &testbed.add_host("dual", settings).run("announcer", sim::idle_program());
    start({{url(GetParam(), "t1")}});
    run_for(5s);
    ASSERT_THAT(first.events(), ElementsAre(Event::started));
    announcer->stop(5s, [] {});
    run_for(4s);
    EXPECT_THAT(first.events(), ElementsAre(Event::started, Event::stopped));
}

TEST_P(AnnouncerTest, StoppingTellsNobodyWhoDoesNotKnowUs) {
    add_tracker().silent = true;
    start({{url(GetParam(), "t1")}});
    run_for(4s);
    bool stopped = false;
    announcer->stop(5s, [&] { stopped = true; });
    EXPECT_FALSE(stopped) << "not from inside the call";
    run_for(1s);
    EXPECT_TRUE(stopped);
}

TEST_P(AnnouncerTest, StoppingTellsWhomTheFirstAnnounceMayHaveReached) {
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

TEST_P(AnnouncerTest, BothAddressesOfATrackerAreAsked) {
    const Address v6 = Address::parse("2001:db8::99").value();
    TrackerDouble& first = add_tracker({Address::v4(10, 0, 9, 9), v6});
    TrackerDouble second(hosts[0]->processes()[0]->world(), Endpoint{v6, port});
    auto settings = sim::plain_host();
    settings.node.addresses = {Address::v4(10, 0, 9, 8), Address::parse("2001:db8::98").value()};
    peer_process = &testbed.add_host("dual", settings).run("announcer", sim::idle_program());
    start({{url(GetParam(), "t1")}});
    run_for(5s);
    EXPECT_THAT(first.events(), ElementsAre(Event::started));
    EXPECT_THAT(second.events(), ElementsAre(Event::started));
    ASSERT_EQ(second.announced.size(), 1u);
    EXPECT_EQ(first.announced.at(0).request.key, second.announced[0].request.key);
    EXPECT_THAT(source.warnings, IsEmpty());
}

TEST_P(AnnouncerTest, GetsThroughABadNetwork) {
    testbed.network().default_link().loss = 200'000;
    TrackerDouble& tracker = add_tracker();
    tracker.reply = reply_with(600);
    start({{url(GetParam(), "t1")}});
    run_for(10min);
    EXPECT_FALSE(tracker.announced.empty());
    EXPECT_FALSE(source.peers.empty());
    EXPECT_TRUE(announcer->status().at(0).working);
}

INSTANTIATE_TEST_SUITE_P(, AnnouncerTest, ::testing::Values("http", "udp"),
                         [](const auto& parameter) { return parameter.param; });

class HttpAnnouncerTest : public AnnouncerTest {};

TEST_F(HttpAnnouncerTest, KeepsWhatTheTrackerGaveIt) {
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

TEST_F(HttpAnnouncerTest, RetryInIsKept) {  // BEP 31
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

TEST_F(HttpAnnouncerTest, PartialSeedsSayPaused) {  // BEP 21
    TrackerDouble& tracker = add_tracker();
    tracker.reply = reply_with(60);
    source.told.partial_seed = true;
    start({{url("http", "t1")}});
    run_for(100s);
    EXPECT_THAT(tracker.events(), ElementsAre(Event::started, Event::paused));
}

TEST_F(HttpAnnouncerTest, OtherServicesOfThisMachineAreLeftAlone) {  // reliability.md 75
    TrackerDouble here(peer_process->world(), Endpoint{Address::loopback(), port});
    start({{"http://127.0.0.1:6969/admin?x=/announce"}, {"wss://t1/"}, {"http://127.0.0.1:6969/announce"}});
    run_for(2min);
    EXPECT_THAT(here.announced, SizeIs(1));
    EXPECT_THAT(source.warnings, Contains(HasSubstr("may be asked")));
    EXPECT_THAT(source.warnings, Contains(HasSubstr("scheme")));
}

TEST_F(HttpAnnouncerTest, ACrowdOfTrackersIsCut) {
    std::vector<std::vector<std::string>> tiers(100, {"http://nowhere/announce"});
    for (std::size_t i = 0; i < tiers.size(); ++i) tiers[i][0] += std::to_string(i / 2);
    start(tiers);
    EXPECT_EQ(announcer->status().size(), announce_tiers_max);
    run_for(1min);
}

}  // namespace
}  // namespace spate::engine
