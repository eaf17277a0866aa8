#include "tracker/swarm_store.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <set>

namespace spate::tracker {
namespace {

using announce::AnnounceReply;
using announce::AnnounceRequest;
using announce::Event;
using testing::UnorderedElementsAre;

constexpr hash::SipKey test_key{1, 2, 3};

hash::Sha1 swarm_hash(std::uint32_t number) {
    hash::Sha1 hash{};
    for (std::size_t i = 0; i < 4; ++i) hash[i] = static_cast<std::uint8_t>(number >> (8 * i));
    return hash;
}

announce::PeerId peer_id(std::uint32_t number) {
    announce::PeerId id{};
    const auto octets = swarm_hash(number);
    std::copy_n(octets.begin(), 20, id.begin());
    return id;
}

Endpoint v4(std::uint32_t host, std::uint16_t port = 6881) {
    return {Address::v4(10, static_cast<std::uint8_t>(host >> 16), static_cast<std::uint8_t>(host >> 8),
                        static_cast<std::uint8_t>(host)),
            port};
}

Endpoint v6(std::uint32_t host, std::uint16_t port = 6881) {
    std::array<std::uint8_t, 16> octets{0xfd};
    for (std::size_t i = 0; i < 4; ++i) octets[4 + i] = static_cast<std::uint8_t>(host >> (8 * i));
    return {Address::v6(octets), port};
}

struct Store {
    explicit Store(const SwarmLimits& given = {}) : store(given, test_key, 7) {}

    AnnounceReply announce(const Endpoint& from, std::uint64_t left, Event event = Event::none,
                           std::uint32_t swarm = 1, std::optional<std::uint32_t> want = std::nullopt) {
        AnnounceRequest request;
        request.swarm = swarm_hash(swarm);
        request.peer_id =
            id ? peer_id(*id) : peer_id(static_cast<std::uint32_t>(std::hash<Endpoint>{}(from)));
        request.port = from.port;
        request.left = left;
        request.event = event;
        request.want = want;
        AnnounceReply reply;
        store.announce(request, from, wanted, now, reply);
        return reply;
    }
    announce::ScrapeCounts counts(std::uint32_t swarm = 1) { return store.counts(swarm_hash(swarm), now); }

    SwarmStore store;
    TimePoint now{std::chrono::hours(1)};
    PeersWanted wanted{50, true};
    std::optional<std::uint32_t> id;
};

TEST(SwarmStore, CountsAndGivesPeersButNeverTheAskerItself) {
    Store store;
    EXPECT_EQ(store.announce(v4(1), 0).complete, 1U);
    const auto reply = store.announce(v4(2), 100);
    EXPECT_EQ(reply.complete, 1U);
    EXPECT_EQ(reply.incomplete, 1U);
    EXPECT_THAT(reply.peers, UnorderedElementsAre(v4(1)));
    EXPECT_THAT(store.announce(v4(2), 100).peers, UnorderedElementsAre(v4(1)));
    EXPECT_THAT(store.announce(v4(1), 0).peers, UnorderedElementsAre(v4(2)));
}

TEST(SwarmStore, SeedsAreNotGivenToSeedsNorToPartialSeeds) {
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

TEST(SwarmStore, CompletedCountsOnceAndOnlyForAKnownLeecher) {
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

TEST(SwarmStore, StoppedLeavesAndIsAnsweredWithoutPeers) {
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

TEST(SwarmStore, PortsZeroAndOneAreAnsweredButNotKept) {
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

TEST(SwarmStore, MappedAddressesAreIPv4) {
    Store store;
    std::array<std::uint8_t, 16> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1};
    store.announce({Address::v6(mapped), 6881}, 0);
    EXPECT_THAT(store.announce(v4(2), 1).peers, UnorderedElementsAre(v4(1)));
}

TEST(SwarmStore, AClientOfBothFamiliesCountsOnce) {
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

TEST(SwarmStore, ScrapeLeavesNoTrace) {
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

TEST(SwarmStore, SamplesAreRandomAndEveryPeerIsReached) {
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

// The same rules over plain maps, with everything recounted every time.
class Model {
  public:
    struct Peer {
        std::uint32_t client;
        PeerKind kind;
        bool counts;
        std::uint64_t tick;
    };
    using Swarm = std::map<Endpoint, Peer>;

    void announce(std::uint32_t number, const Endpoint& from, std::uint32_t client, PeerKind kind,
                  Event event, std::uint64_t tick) {
        auto& swarm = swarms_[number];
        expire(swarm, tick);
        auto known = swarm.find(from);
        if (event == Event::stopped) return remove(swarm, from);
        if (known != swarm.end() && known->second.client != client) {
            remove(swarm, from);
            known = swarm.end();
        }
        if (known == swarm.end()) {
            const bool counts = twin(swarm, from, client) == nullptr;
            swarm[from] = {client, kind, counts, tick};
            return;
        }
        auto& peer = known->second;
        if (event == Event::completed && peer.counts && kind == PeerKind::seed && peer.kind != kind)
            ++downloaded_[number];
        peer.kind = kind;
        peer.tick = tick;
    }
    announce::ScrapeCounts counts(std::uint32_t number, std::uint64_t tick) {
        expire(swarms_[number], tick);
        announce::ScrapeCounts counts{0, downloaded_[number], 0, 0};
        for (const auto& [endpoint, peer] : swarms_[number]) {
            if (!peer.counts) continue;
            ++(peer.kind == PeerKind::seed ? counts.complete : counts.incomplete);
            if (peer.kind == PeerKind::leecher) ++*counts.downloaders;
        }
        return counts;
    }
    const Swarm& swarm(std::uint32_t number) { return swarms_[number]; }
    std::size_t swarms() {
        return static_cast<std::size_t>(std::ranges::count_if(
            swarms_, [&](const auto& row) { return !row.second.empty() || downloaded_[row.first] > 0; }));
    }

  private:
    static Peer* twin(Swarm& swarm, const Endpoint& from, std::uint32_t client) {
        for (auto& [endpoint, peer] : swarm)
            if (peer.client == client && endpoint.address.is_v4() != from.address.is_v4()) return &peer;
        return nullptr;
    }
    static void remove(Swarm& swarm, const Endpoint& from) {
        const auto known = swarm.find(from);
        if (known == swarm.end()) return;
        const auto peer = known->second;
        swarm.erase(known);
        auto* other = twin(swarm, from, peer.client);
        if (peer.counts && other != nullptr) other->counts = true;
    }
    static void expire(Swarm& swarm, std::uint64_t tick) {
        const auto life = 45 * 60 / Tick::seconds;
        for (auto it = swarm.begin(); it != swarm.end();) {
            const auto endpoint = (it++)->first;
            if (tick - swarm[endpoint].tick > life) remove(swarm, endpoint);
        }
    }

    std::map<std::uint32_t, Swarm> swarms_;
    std::map<std::uint32_t, std::uint32_t> downloaded_;
};

TEST(SwarmStore, AgreesWithANaiveMapUnderRandomEvents) {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        Rng rng(seed);
        Store store;
        Model model;
        std::uint32_t next_client = 1'000'000;
        std::map<Endpoint, std::uint32_t> client_at;  // unless it is its host's own
        const std::uint32_t hosts = seed % 2 == 0 ? 12 : 400;
        for (int step = 0; step < 30000; ++step) {
            // Long rests now and then, so that whole swarms die.
            store.now += std::chrono::seconds(rng.chance(1, 500) ? rng.below(4000) : rng.below(3));
            const auto tick =
                static_cast<std::uint64_t>(store.now.time_since_epoch() / std::chrono::seconds(8));
            const auto swarm = static_cast<std::uint32_t>(rng.below(rng.chance(1, 2) ? 2 : 60));
            const auto host = static_cast<std::uint32_t>(rng.below(hosts));
            const auto from = rng.chance(1, 3) ? v6(host) : v4(host);
            if (rng.chance(1, 200)) client_at[from] = next_client++;
            const auto client = client_at.contains(from) ? client_at[from] : host;
            static constexpr Event events[] = {Event::none,      Event::none,    Event::started,
                                               Event::completed, Event::stopped, Event::paused};
            const auto event = events[rng.below(6)];
            const std::uint64_t left = rng.below(2) * 100;
            const auto want = static_cast<std::uint32_t>(rng.below(60));
            store.id = client;
            const auto reply = store.announce(from, left, event, swarm, want);
            const auto kind = left == 0                ? PeerKind::seed
                              : event == Event::paused ? PeerKind::partial_seed
                                                       : PeerKind::leecher;
            model.announce(swarm, from, client, kind, event, tick);
            const auto expected = model.counts(swarm, tick);
            ASSERT_EQ(reply.complete, expected.complete) << "step " << step << " seed " << seed;
            ASSERT_EQ(reply.incomplete, expected.incomplete);
            ASSERT_EQ(store.counts(swarm), expected);
            // Who may be given, by the model.
            std::set<Endpoint> may;
            for (const auto& [endpoint, peer] : model.swarm(swarm))
                if (endpoint != from && (kind == PeerKind::leecher || peer.kind == PeerKind::leecher))
                    may.insert(endpoint);
            if (event == Event::stopped) may.clear();
            const std::set<Endpoint> given(reply.peers.begin(), reply.peers.end());
            ASSERT_EQ(given.size(), reply.peers.size());
            ASSERT_EQ(given.size(), std::min({may.size(), std::size_t{want}, std::size_t{50}}));
            ASSERT_TRUE(std::ranges::includes(may, given));
            if (rng.chance(1, 50)) store.store.sweep(store.now, rng.below(300));
        }
        for (std::uint32_t swarm = 0; swarm < 60; ++swarm) {
            const auto tick =
                static_cast<std::uint64_t>(store.now.time_since_epoch() / std::chrono::seconds(8));
            ASSERT_EQ(store.counts(swarm), model.counts(swarm, tick));
        }
        EXPECT_EQ(store.store.totals().swarms, model.swarms());
        std::size_t peers = 0;
        for (std::uint32_t swarm = 0; swarm < 60; ++swarm) peers += model.swarm(swarm).size();
        EXPECT_EQ(store.store.totals().peers_v4 + store.store.totals().peers_v6, peers);
    }
}

TEST(SwarmTable, HoldsWhatWasMadeWhateverIsErased) {
    Rng rng(5);
    SwarmTable table(test_key);
    std::set<std::uint32_t> model;
    for (int step = 0; step < 200000; ++step) {
        // Grows for a while, then shrinks for a while.
        const bool growing = (step / 40000) % 2 == 0;
        const auto number = static_cast<std::uint32_t>(rng.below(30000));
        auto* found = table.find(swarm_hash(number));
        ASSERT_EQ(found != nullptr, model.contains(number));
        if (found == nullptr && growing) {
            table.make(swarm_hash(number));
            model.insert(number);
        } else if (found != nullptr && !growing) {
            table.erase(*found);
            model.erase(number);
        }
        ASSERT_EQ(table.size(), model.size());
    }
    std::size_t seen = 0;
    for (std::size_t i = 0; i < table.capacity(); ++i) seen += table.next() != nullptr;
    EXPECT_EQ(seen, model.size());
}

}  // namespace
}  // namespace spate::tracker
