// The swarm store beside plain maps that follow the same rules, under random events.
#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <set>

#include "tracker/swarm_fixture.h"

namespace spate::tracker {
namespace {

using announce::Event;

// Everything is recounted every time.
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
        if (event == Event::stopped) {
            if (known != swarm.end() && known->second.client == client) remove(swarm, from);
            return;
        }
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
            const bool all = kind == PeerKind::leecher || event == Event::started;
            std::set<Endpoint> may;
            for (const auto& [endpoint, peer] : model.swarm(swarm))
                if (endpoint != from && (all || peer.kind == PeerKind::leecher ||
                                         (kind == PeerKind::partial_seed && peer.kind == kind)))
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
