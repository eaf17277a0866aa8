// What the trackers of a tier hear at the end, in the simulated world; a torrent's whole life is
// announcer_test.cpp's.
#include "engine/last_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/udp_connections.h"
#include "sim/test_programs.h"
#include "tests/announce/tracker_double.h"

namespace spate::engine {
namespace {

using namespace std::chrono_literals;
using announce::Event;
using spate::testing::TrackerDouble;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LastWordsTest : public ::testing::TestWithParam<std::string> {
  protected:
    LastWordsTest() {
        for (const char* name : {"t1", "t2", "t3"}) {
            sim::Host& host = testbed.add_host(name, sim::plain_host());
            sim::Process& process = host.run("tracker", sim::idle_program());
            doubles.push_back(
                std::make_unique<TrackerDouble>(process.world(), Endpoint{host.address(), 6969}));
            urls.push_back(
                http::Url::parse(GetParam() + "://" + std::string(name) + ":6969/announce").value());
        }
        figures.swarms = {hash::Sha1{1}};
        figures.left = 0;
    }
    // knowing: which trackers know us.
    void say(const std::vector<bool>& knowing, bool untold, Duration time = 10s) {
        trackers.emplace(urls, rng);
        for (std::size_t i = 0; i < urls.size(); ++i) {
            TierTracker& tracker = trackers->current();
            const auto number = static_cast<std::size_t>(tracker.url.host.back() - '1');
            tracker.knows_us = {knowing.at(number), false};
            trackers->on_failed();
        }
        words.emplace(world, rng, udp, figures, 7, world.reactor.now() + time, [this] { ++done; });
        words->say(*trackers, untold);
    }
    void run_for(Duration length) { testbed.simulation().run_for(length); }

    sim::Testbed testbed{7};
    io::World& world = testbed.add_host("peer", sim::plain_host()).run("peer", sim::idle_program()).world();
    std::vector<std::unique_ptr<TrackerDouble>> doubles;
    std::vector<http::Url> urls;
    Rng rng{1};
    UdpConnections udp;
    AnnounceFigures figures;
    std::optional<TierTrackers> trackers;
    std::optional<LastWords> words;
    int done = 0;
};

TEST_P(LastWordsTest, OnlyThoseThatKnowUsHearThatWeStopped) {
    say({true, false, true}, false);
    EXPECT_EQ(done, 0);
    run_for(3s);
    EXPECT_EQ(done, 1);
    EXPECT_THAT(doubles[0]->events(), ElementsAre(Event::stopped));
    EXPECT_THAT(doubles[1]->events(), IsEmpty());
    EXPECT_THAT(doubles[2]->events(), ElementsAre(Event::stopped));
    EXPECT_EQ(doubles[0]->announced[0].request.want, 0U);
}

TEST_P(LastWordsTest, WhatWasNotYetToldComesFirst) {
    say({true, false, false}, true);
    run_for(3s);
    EXPECT_THAT(doubles[0]->events(), ElementsAre(Event::completed, Event::stopped));
    EXPECT_EQ(done, 1);
}

TEST_P(LastWordsTest, WhoLacksSomethingHasNothingMoreToTell) {
    figures.left = 5;
    say({true, false, false}, true);
    run_for(3s);
    EXPECT_THAT(doubles[0]->events(), ElementsAre(Event::stopped));
}

TEST_P(LastWordsTest, NoneWaitsForOneThatIsSilent) {
    doubles[0]->silent = true;
    say({true, true, false}, true);
    run_for(4s);
    EXPECT_THAT(doubles[1]->events(), ElementsAre(Event::completed, Event::stopped));
    EXPECT_EQ(done, 0);
    doubles[0]->silent = false;
    run_for(7s);
    // For the first of two words it had half of the time; the other comes in any case.
    ASSERT_FALSE(doubles[0]->announced.empty());
    EXPECT_EQ(doubles[0]->events().back(), Event::stopped);
    EXPECT_EQ(done, 1);
}

TEST_P(LastWordsTest, AllEndsWithItsTime) {
    doubles[0]->silent = doubles[2]->silent = true;
    say({true, false, true}, true);
    run_for(9s);
    EXPECT_EQ(done, 0);
    run_for(2s);
    EXPECT_EQ(done, 1);
}

INSTANTIATE_TEST_SUITE_P(Schemes, LastWordsTest, ::testing::Values("http", "udp"));

}  // namespace
}  // namespace spate::engine
