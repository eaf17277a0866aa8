#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <set>

#include "tracker/swarm_fixture.h"

namespace spate::tracker {
namespace {

using announce::Event;
using testing::UnorderedElementsAre;

TEST(SwarmStore, CountsAndGivesPeersButNeverTheAskerItself) {  // row 28
    Store store;
    EXPECT_EQ(store.announce(v4(1), 0).complete, 1U);
    const auto reply = store.announce(v4(2), 100);
    EXPECT_EQ(reply.complete, 1U);
    EXPECT_EQ(reply.incomplete, 1U);
    EXPECT_THAT(reply.peers, UnorderedElementsAre(v4(1)));
    EXPECT_THAT(store.announce(v4(2), 100).peers, UnorderedElementsAre(v4(1)));
    EXPECT_THAT(store.announce(v4(1), 0).peers, UnorderedElementsAre(v4(2)));
}

TEST(SwarmStore, SeedsAreNotGivenToSeedsNorToPartialSeeds) {  // rows 14, 29
    Store store;
    store.announce(v4(1), 0);
    EXPECT_TRUE(store.announce(v4(2), 0).peers.empty());
    EXPECT_TRUE(store.announce(v4(3), 50, Event::paused).peers.empty());
    EXPECT_THAT(store.announce(v4(4), 100).peers, UnorderedElementsAre(v4(1), v4(2), v4(3)));
    EXPECT_THAT(store.announce(v4(3), 50, Event::paused).peers, UnorderedElementsAre(v4(4)));
    const auto counts = store.counts();
    EXPECT_EQ(counts.complete, 2U);
    EXPECT_EQ(counts.incomplete, 2U);
    EXPECT_EQ(counts.downloaders, 1U);
}

TEST(SwarmStore, PartialSeedsLearnOfEachOther) {
    Store store;
    store.announce(v4(1), 0);
    store.announce(v4(2), 50, Event::paused);
    EXPECT_THAT(store.announce(v4(3), 70, Event::paused).peers, UnorderedElementsAre(v4(2)));
    EXPECT_THAT(store.announce(v4(2), 50, Event::paused).peers, UnorderedElementsAre(v4(3)));
    EXPECT_TRUE(store.announce(v4(1), 0).peers.empty());
}

// A peer's id is told to everybody who meets it; what another endpoint says with it is its own.
TEST(SwarmStore, ATakenPeerIdChangesNothingOfWhoseItIs) {
    Store store;
    store.id = 7;
    store.announce(v4(1), 0);
    store.announce(v4(2), 100);                // the thief, from another address
    store.announce(v4(1, 7000), 100);          // and another port
    store.announce(v4(2), 0, Event::stopped);  // "it has gone"
    const auto counts = store.counts();
    EXPECT_EQ(counts.complete, 1U);
    EXPECT_EQ(counts.incomplete, 1U);
    store.id = 8;
    EXPECT_THAT(store.announce(v4(3), 100).peers, UnorderedElementsAre(v4(1), v4(1, 7000)));
}

// The other family's record of one client is not counted again; who does not know its key is another client.
TEST(SwarmStore, ATakenPeerIdOfTheOtherFamilyHidesNobody) {
    Store store;
    store.id = 7;
    store.key = 1;
    store.announce(v6(2), 100);  // the thief, before it
    store.key = 2;
    store.announce(v4(1), 0);
    EXPECT_EQ(store.counts().complete, 1U);
    store.key = 1;
    store.announce(v6(2), 100, Event::stopped);
    EXPECT_EQ(store.counts().complete, 1U);
    store.id = 8;
    EXPECT_THAT(store.announce(v4(3), 100).peers, UnorderedElementsAre(v4(1)));
}

TEST(SwarmStore, WhoStartsIsGivenAll) {
    Store store;
    store.announce(v4(1), 0);
    EXPECT_THAT(store.announce(v4(2), 0, Event::started).peers, UnorderedElementsAre(v4(1)));
    EXPECT_TRUE(store.announce(v4(2), 0).peers.empty());
}

TEST(SwarmStore, CompletedCountsOnceAndOnlyForAKnownLeecher) {  // row 16
    Store store;
    store.announce(v4(1), 0, Event::completed);  // unknown
    EXPECT_EQ(store.counts().downloaded, 0U);
    store.announce(v4(1), 0, Event::completed);  // was a seed
    EXPECT_EQ(store.counts().downloaded, 0U);
    store.announce(v4(2), 10);
    store.announce(v4(2), 0);  // no event
    EXPECT_EQ(store.counts().downloaded, 0U);
    store.announce(v4(3), 10);
    store.announce(v4(3), 10, Event::completed);  // not complete at all
    EXPECT_EQ(store.counts().downloaded, 0U);
    store.announce(v4(3), 0, Event::completed);
    store.announce(v4(3), 0, Event::completed);
    EXPECT_EQ(store.counts().downloaded, 1U);
}

TEST(SwarmStore, StoppedLeavesAndIsAnsweredWithoutPeers) {  // row 15
    Store store;
    store.announce(v4(1), 0);
    store.announce(v4(2), 5);
    EXPECT_TRUE(store.announce(v4(3), 5, Event::stopped).peers.empty());  // unknown: no error
    const auto reply = store.announce(v4(2), 5, Event::stopped);
    EXPECT_TRUE(reply.peers.empty());
    EXPECT_EQ(reply.incomplete, 0U);
    store.id = 99;  // comes back as another client
    EXPECT_EQ(store.announce(v4(2), 5, Event::started).incomplete, 1U);
    store.announce(v4(9), 5, Event::stopped, 2);
    EXPECT_EQ(store.store.totals().swarms, 1U);
}

TEST(SwarmStore, ANewClientAtTheSameEndpointReplacesTheOldOne) {
    Store store;
    store.announce(v4(1), 0);
    store.id = 5;
    EXPECT_EQ(store.announce(v4(1), 7).complete, 0U);
    EXPECT_EQ(store.counts().incomplete, 1U);
}

TEST(SwarmStore, OnlyWhoAnnouncedCanStop) {
    Store store;
    store.announce(v4(1), 0);
    store.key = 7;
    store.announce(v4(1), 0, Event::stopped);  // another key
    EXPECT_EQ(store.counts().complete, 1U);
    store.id = 5;
    store.key = std::nullopt;
    store.announce(v4(1), 0, Event::stopped);  // another peer_id
    EXPECT_EQ(store.counts().complete, 1U);
    store.id = std::nullopt;
    store.announce(v4(1), 0, Event::stopped);
    EXPECT_EQ(store.counts().complete, 0U);
}

TEST(SwarmStore, PortsZeroAndOneAreAnsweredButNotKept) {  // row 12
    Store store;
    store.announce(v4(1), 0);
    for (const std::uint16_t port : {std::uint16_t{0}, std::uint16_t{1}}) {
        EXPECT_EQ(store.announce(v4(2, port), 9).peers.size(), 1U);
        EXPECT_EQ(store.counts().incomplete, 0U);
    }
    store.announce({Address::v4(224, 0, 0, 1), 5}, 9);
    store.announce({Address::v4(0, 1, 2, 3), 5}, 9);
    EXPECT_EQ(store.counts().incomplete, 0U);
}

TEST(SwarmStore, MappedAddressesAreIPv4) {  // row 10
    Store store;
    std::array<std::uint8_t, 16> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1};
    store.announce({Address::v6(mapped), 6881}, 0);
    EXPECT_THAT(store.announce(v4(2), 1).peers, UnorderedElementsAre(v4(1)));
}

TEST(SwarmStore, AClientOfBothFamiliesCountsOnce) {  // row 33
    Store store;
    store.id = 3;
    store.announce(v4(1), 10);
    store.announce(v6(1), 10);
    EXPECT_EQ(store.counts().incomplete, 1U);
    store.announce(v6(1), 0, Event::completed);
    store.announce(v4(1), 0, Event::completed);
    EXPECT_EQ(store.counts().complete, 1U);
    EXPECT_EQ(store.counts().downloaded, 1U);
    store.announce(v4(1), 0, Event::stopped);  // the other record counts now
    EXPECT_EQ(store.counts().complete, 1U);
    store.announce(v6(1), 0, Event::stopped);
    EXPECT_EQ(store.counts().complete, 0U);
}

TEST(SwarmStore, FamiliesAreGivenAsWanted) {
    Store store;
    store.announce(v4(1), 0);
    store.announce(v6(2), 0);
    EXPECT_THAT(store.announce(v6(3), 1).peers, UnorderedElementsAre(v4(1), v6(2)));
    EXPECT_EQ(store.announce(v6(3), 1, Event::none, 1, 1).peers, (std::vector{v6(2)}));  // its own first
    store.wanted.both_families = false;
    EXPECT_THAT(store.announce(v6(3), 1).peers, UnorderedElementsAre(v6(2)));
    EXPECT_TRUE(store.announce(v6(3), 1, Event::none, 1, 0).peers.empty());
}

TEST(SwarmStore, LocalPeersAreNotTheWorldsBusiness) {
    Store store;
    const Endpoint far{Address::v4(8, 8, 8, 8), 1000};
    const Endpoint other{Address::v4(9, 9, 9, 9), 1000};
    store.announce(v4(1), 0);
    store.announce(other, 0);
    EXPECT_THAT(store.announce(far, 1).peers, UnorderedElementsAre(other));
    EXPECT_THAT(store.announce(v4(2), 1).peers, UnorderedElementsAre(v4(1), other, far));
}

TEST(SwarmStore, TheSilentAreGoneInTime) {
    Store store;
    store.announce(v4(1), 0);
    store.now += std::chrono::minutes(30);
    store.announce(v4(2), 1);
    store.now += std::chrono::minutes(14);
    EXPECT_EQ(store.counts().complete, 1U);
    store.now += std::chrono::minutes(2);
    EXPECT_EQ(store.counts().complete, 0U);
    EXPECT_EQ(store.counts().incomplete, 1U);
    store.now += std::chrono::minutes(60);
    store.store.sweep(store.now, store.store.places());
    EXPECT_EQ(store.store.totals().swarms, 0U);
    EXPECT_EQ(store.store.totals().peers_v4, 0U);
}

TEST(SwarmStore, ScrapeLeavesNoTrace) {  // row 25
    Store store;
    EXPECT_EQ(store.counts(77), (announce::ScrapeCounts{0, 0, 0, 0}));
    EXPECT_EQ(store.store.totals().swarms, 0U);
    store.announce(v4(1), 0);
    store.now += std::chrono::minutes(44);
    store.counts();
    store.now += std::chrono::minutes(2);
    EXPECT_EQ(store.counts().complete, 0U);  // a scrape is no sign of life
}

TEST(SwarmStore, OneSourceHasItsShareOfASwarm) {
    Store store;
    for (std::uint16_t port = 100; port < 200; ++port) store.announce(v4(1, port), 1);
    EXPECT_EQ(store.counts().incomplete, 16U);
    EXPECT_EQ(store.announce(v4(1, 100), 0).complete, 1U);  // the known are refreshed
    for (std::uint16_t port = 100; port < 200; ++port) store.announce({Address::loopback(), port}, 1);
    EXPECT_EQ(store.counts().incomplete, 115U);
    for (std::uint32_t host = 0; host < 100; ++host) {
        auto octets = v6(9).address.octets();
        octets[15] = static_cast<std::uint8_t>(host);
        store.announce({Address::v6(octets), 50}, 1, Event::none, 2);
    }
    EXPECT_EQ(store.counts(2).incomplete, 16U);
}

TEST(SwarmStore, WhenFullTheKnownAreRefreshedAndTheOverdueGiveWay) {
    SwarmLimits limits;
    limits.swarms = 20;
    Store store(limits);
    for (std::uint32_t i = 0; i < 40; ++i) store.announce(v4(i), 1, Event::none, i);
    EXPECT_EQ(store.store.totals().swarms, 20U);
    EXPECT_EQ(store.announce(v4(1000), 1, Event::none, 39).peers.size(), 0U);
    EXPECT_EQ(store.announce(v4(1000), 1, Event::none, 5).peers.size(), 1U);
    store.now += std::chrono::minutes(34);
    for (std::uint32_t i = 0; i < 10; ++i) store.announce(v4(i), 1, Event::none, i);
    for (std::uint32_t i = 100; i < 300; ++i) store.announce(v4(i), 1, Event::none, i);
    const auto totals = store.store.totals();
    EXPECT_EQ(totals.swarms, 20U);
    EXPECT_GE(totals.evicted_swarms, 1U);
    EXPECT_LE(totals.evicted_swarms, 10U);
    for (std::uint32_t i = 0; i < 10; ++i) EXPECT_EQ(store.counts(i).incomplete, i == 5 ? 2U : 1U);
}

TEST(SwarmStore, PeersHaveTheirCaps) {
    SwarmLimits limits;
    limits.peers = 100;
    limits.peers_per_swarm = 60;
    Store store(limits);
    for (std::uint32_t i = 0; i < 90; ++i) store.announce(v4(i), 1);
    for (std::uint32_t i = 0; i < 90; ++i) store.announce(v4(i), 1, Event::none, 2);
    EXPECT_EQ(store.counts(1).incomplete, 60U);
    EXPECT_EQ(store.counts(2).incomplete, 40U);
    EXPECT_EQ(store.announce(v4(89), 1).peers.size(), 50U);
}

TEST(SwarmStore, SamplesAreRandomAndEveryPeerIsReached) {  // row 29
    Store store;
    std::map<Endpoint, int> seen;
    for (std::uint32_t i = 0; i < 300; ++i) store.announce(v4(i), i % 3 == 0 ? 0U : 1U);
    for (int round = 0; round < 600; ++round) {
        const auto peers = store.announce(v4(1000), 1).peers;
        ASSERT_EQ(peers.size(), 50U);
        ASSERT_EQ(std::set(peers.begin(), peers.end()).size(), 50U);
        for (const auto& peer : peers) ++seen[peer];
    }
    ASSERT_EQ(seen.size(), 300U);
    for (const auto& [peer, times] : seen) {  // 100 expected
        EXPECT_GT(times, 50);
        EXPECT_LT(times, 170);
    }
}

}  // namespace
}  // namespace spate::tracker
