#include "swarm/choker.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <set>

namespace spate::swarm {
namespace {

using std::chrono::seconds;

constexpr std::uint64_t mib = 1 << 20;

ChokeCandidate far_peer(std::uint32_t number) {
    ChokeCandidate peer;
    peer.peer = PeerKey(number);
    peer.address = Address::v4(20, static_cast<std::uint8_t>(number), 1, 1);
    peer.interested = true;
    return peer;
}

// Rounds over some peers, with who is served.
struct Uploads {
    explicit Uploads(ChokerOptions options) : choker(options) {}
    std::set<std::uint32_t> round(bool seeding, std::uint64_t rate = 0) {
        now += Choker::round_interval;
        const auto decision = choker.round(peers, seeding, rate, now, rng);
        for (const auto peer : decision.unchoke) EXPECT_TRUE(served.insert(peer.value).second);
        for (const auto peer : decision.choke) EXPECT_EQ(served.erase(peer.value), 1U);
        EXPECT_EQ(choker.served(), served.size());
        for (const auto key : served) EXPECT_TRUE(choker.serves(PeerKey(key)));
        return served;
    }
    std::vector<PeerKey> fill(const std::vector<ChokeCandidate>& choked, std::uint64_t rate = 0) {
        return choker.fill_slots(choked, true, rate, now, rng).unchoke;
    }
    Choker choker;
    std::vector<ChokeCandidate> peers;
    std::set<std::uint32_t> served;
    Rng rng{1};
    TimePoint now{};
};

TEST(Choker, EverybodyIsServedWhileTheyAreFew) {
    Uploads uploads({});
    for (std::uint32_t i = 0; i < 8; ++i) uploads.peers.push_back(far_peer(i));
    uploads.peers[3].upload_only = true;
    uploads.peers[4].interested = false;
    EXPECT_EQ(uploads.round(false), (std::set<std::uint32_t>{0, 1, 2, 5, 6, 7}));
    uploads.peers[0].interested = false;
    EXPECT_EQ(uploads.round(true), (std::set<std::uint32_t>{1, 2, 5, 6, 7}));
}

TEST(Choker, WhoGivesMostIsServedAndOneByChance) {
    Uploads uploads({.slots = 5});
    for (std::uint32_t i = 0; i < 20; ++i) {
        uploads.peers.push_back(far_peer(i));
        uploads.peers.back().rate_from = i * 1000;
    }
    std::set<std::uint32_t> lucky;
    for (int i = 0; i < 300; ++i) {
        const auto served = uploads.round(false);
        EXPECT_EQ(served.size(), 5U);
        for (std::uint32_t best = 16; best < 20; ++best) EXPECT_TRUE(served.contains(best));
        lucky.insert(*served.begin());
    }
    EXPECT_EQ(lucky.size(), 16U);
    uploads.peers[19].snubs_us = true;
    EXPECT_TRUE(uploads.round(false).contains(15));
}

TEST(Choker, SeedsServeInTurns) {
    Uploads uploads({.slots = 4});
    for (std::uint32_t i = 0; i < 40; ++i) uploads.peers.push_back(far_peer(i));
    for (int i = 0; i < 400; ++i)
        for (const auto key : uploads.round(true)) uploads.peers[key].bytes_to += 2 * mib;
    std::uint64_t least = UINT64_MAX, most = 0;
    for (const auto& peer : uploads.peers) {
        least = std::min(least, peer.bytes_to);
        most = std::max(most, peer.bytes_to);
    }
    EXPECT_GT(least, 0U);
    EXPECT_LE(most, least + 2 * Choker::turn_bytes);
}

// They came when nobody else did, and have all slots; one from elsewhere does not wait for the next round.
TEST(Choker, ARangeBeyondItsShareGivesWay) {
    Uploads uploads({.slots = 8});
    for (std::uint32_t i = 0; i < 20; ++i) {
        uploads.peers.push_back(far_peer(i));
        uploads.peers.back().address = Address::v4(9, 9, 9, static_cast<std::uint8_t>(i));
    }
    const auto served = uploads.round(true);
    EXPECT_EQ(served.size(), 8U);
    EXPECT_FALSE(uploads.choker.gives_way_to(uploads.peers[19]));  // of the same range
    for (std::uint32_t i = 30; i < 36; ++i) {
        EXPECT_FALSE(uploads.choker.fill_slot(far_peer(i), uploads.now));
        const auto other = uploads.choker.gives_way_to(far_peer(i));
        ASSERT_TRUE(other);
        EXPECT_TRUE(served.contains(other->value));
        uploads.choker.peer_gone(*other);
        EXPECT_TRUE(uploads.choker.fill_slot(far_peer(i), uploads.now));
    }
    EXPECT_FALSE(uploads.choker.gives_way_to(far_peer(40)));  // two of eight is its share
}

TEST(Choker, OneAddressRangeGetsItsShareWhileOthersWait) {
    Uploads uploads({.slots = 8});
    for (std::uint32_t i = 0; i < 60; ++i) {
        uploads.peers.push_back(far_peer(i));
        if (i < 50) uploads.peers.back().address = Address::v4(66, 6, 6, static_cast<std::uint8_t>(i));
    }
    std::map<bool, int> turns;
    for (int i = 0; i < 100; ++i) {
        const auto served = uploads.round(true);
        const auto greedy = std::ranges::count_if(served, [](std::uint32_t key) { return key < 50; });
        EXPECT_LE(greedy, 2);
        EXPECT_EQ(served.size(), 8U);
        for (const auto key : served) uploads.peers[key].bytes_to += 4 * mib;
    }
    uploads.peers.resize(50);
    EXPECT_EQ(uploads.round(true).size(), 8U);  // nobody else is there
}

TEST(Choker, SlotsGrowWithTheRateAndLocalPeersComeOnTop) {
    Uploads uploads({});
    for (std::uint32_t i = 0; i < 100; ++i) {
        uploads.peers.push_back(far_peer(i));
        uploads.peers.back().local = i < 30;
    }
    EXPECT_EQ(uploads.round(true).size(), 30 + Choker::slots_min);
    EXPECT_EQ(uploads.round(true, 20 * Choker::slot_rate).size(), 50U);
    uploads.choker.set_options({.upload_limit = 10 * Choker::slot_rate});
    EXPECT_EQ(uploads.round(true, 20 * Choker::slot_rate).size(), 40U);
    uploads.choker.set_options({.slots = 3});
    EXPECT_EQ(uploads.round(true).size(), 3U);
}

TEST(Choker, AFreeSlotIsFilledAtOnce) {
    Choker choker({.slots = 2});
    EXPECT_TRUE(choker.fill_slot(far_peer(1), {}));
    EXPECT_FALSE(choker.fill_slot(far_peer(1), {}));
    EXPECT_TRUE(choker.fill_slot(far_peer(2), {}));
    EXPECT_FALSE(choker.fill_slot(far_peer(3), {}));
    choker.peer_gone(PeerKey(1));
    EXPECT_FALSE(choker.serves(PeerKey(1)));
    EXPECT_TRUE(choker.fill_slot(far_peer(3), {}));
    auto only_sends = far_peer(4);
    only_sends.upload_only = true;
    choker.peer_gone(PeerKey(2));
    EXPECT_FALSE(choker.fill_slot(only_sends, {}));
}

TEST(Choker, WhoLostInterestKeepsItsPlaceUntilAnotherWantsIt) {
    Uploads uploads({.slots = 2});
    uploads.peers = {far_peer(0), far_peer(1)};
    EXPECT_EQ(uploads.round(true).size(), 2U);
    uploads.choker.rests(PeerKey(0));
    uploads.peers[0].interested = false;
    EXPECT_EQ(uploads.round(true).size(), 2U);
    EXPECT_TRUE(uploads.choker.goes_on(PeerKey(0), uploads.now));
    uploads.choker.rests(PeerKey(0));
    EXPECT_FALSE(uploads.choker.fill_slot(far_peer(2), uploads.now));
    EXPECT_EQ(uploads.choker.gives_way_to(far_peer(2)), PeerKey(0));
    uploads.peers.push_back(far_peer(2));
    EXPECT_EQ(uploads.round(true), (std::set<std::uint32_t>{1, 2}));
    EXPECT_FALSE(uploads.choker.goes_on(PeerKey(0), uploads.now));
}

TEST(Choker, WhoWantsNothingYetRestsInASlotUntilAnotherWantsIt) {
    Choker choker({.slots = 2});
    auto idle = far_peer(1);
    idle.interested = false;
    EXPECT_TRUE(choker.fill_slot(idle, {}));
    EXPECT_TRUE(choker.fill_slot(far_peer(2), {}));
    EXPECT_FALSE(choker.fill_slot(far_peer(3), {}));
    EXPECT_EQ(choker.gives_way_to(far_peer(3)), PeerKey(1));
    EXPECT_TRUE(choker.goes_on(PeerKey(1), {}));
    EXPECT_FALSE(choker.gives_way_to(far_peer(3)));
}

TEST(Choker, SlotsThatBecomeFreeBetweenRoundsGoToThoseThatWait) {
    Uploads uploads({});
    for (std::uint32_t i = 0; i < 40; ++i) {
        uploads.peers.push_back(far_peer(i));
        uploads.peers.back().bytes_to = i;  // seeding: who got least goes first
    }
    auto& idle = uploads.peers.front();
    idle.interested = false;
    const auto served = uploads.round(true);
    EXPECT_EQ(served.size(), Choker::slots_min);
    std::vector<ChokeCandidate> choked;
    for (const auto& peer : uploads.peers)
        if (!served.contains(peer.peer.value)) choked.push_back(peer);
    EXPECT_TRUE(uploads.fill(choked).empty());
    EXPECT_EQ(uploads.fill(choked, 12 * Choker::slot_rate),
              (std::vector{PeerKey(9), PeerKey(10), PeerKey(11), PeerKey(12)}));
    EXPECT_TRUE(uploads.fill({idle}).empty());
    uploads.choker.peer_gone(PeerKey(9));
    EXPECT_EQ(uploads.fill({idle}), (std::vector{PeerKey(0)}));
    const auto decision =
        uploads.choker.fill_slots(std::span(&choked.back(), 1), true, 0, uploads.now, uploads.rng);
    EXPECT_EQ(decision.choke, (std::vector{PeerKey(0)}));  // it only rests there
    EXPECT_EQ(decision.unchoke, (std::vector{choked.back().peer}));
}

TEST(Choker, FreeSlotsAreNotAllForOneAddressRangeWhileOthersWait) {
    Uploads uploads({.slots = 8});
    for (std::uint32_t i = 0; i < 8; ++i) uploads.peers.push_back(far_peer(i));
    uploads.round(true);
    std::vector<ChokeCandidate> waiting;
    for (std::uint32_t i = 10; i < 20; ++i) {
        waiting.push_back(far_peer(i));
        waiting.back().address = Address::v4(66, 6, 6, static_cast<std::uint8_t>(i));
    }
    for (std::uint32_t i = 20; i < 24; ++i) {
        waiting.push_back(far_peer(i));
        waiting.back().bytes_to = mib;  // the others come first by what they got
    }
    for (std::uint32_t i = 0; i < 5; ++i) uploads.choker.peer_gone(PeerKey(i));
    const auto more = uploads.fill(waiting);
    EXPECT_EQ(more.size(), 5U);
    EXPECT_EQ(std::ranges::count_if(more, [](PeerKey key) { return key.value < 20; }), 2);
}

TEST(Choker, SlotsThatWereGivenInVainAreMadeUpForForAWhile) {
    Uploads uploads({});
    for (std::uint32_t i = 0; i < 100; ++i) uploads.peers.push_back(far_peer(i));
    ASSERT_EQ(uploads.round(true).size(), Choker::slots_min);
    for (std::uint32_t i = 0; i < Choker::slots_min; ++i) uploads.choker.wasted();
    std::vector<ChokeCandidate> choked;
    for (const auto& peer : uploads.peers)
        if (!uploads.choker.serves(peer.peer)) choked.push_back(peer);
    EXPECT_EQ(uploads.fill(choked).size(), Choker::slots_min * Choker::wasted_slots);
    uploads.choker.on_second(3);
    for (std::uint32_t i = 0; i < Choker::slots_min; ++i) uploads.choker.wasted();
    uploads.choker.on_second(Choker::slots_min);
    choked.erase(choked.begin(), choked.begin() + 2);
    EXPECT_TRUE(uploads.fill(choked).empty()) << "enough of them ask";
    for (const auto& peer : uploads.peers)
        if (uploads.choker.serves(peer.peer)) uploads.served.insert(peer.peer.value);
    EXPECT_EQ(uploads.round(true).size(), Choker::slots_min);
}

TEST(Choker, ATurnBeginsWithInterest) {
    Uploads uploads({.slots = 1});
    uploads.peers = {far_peer(0)};
    auto idle = far_peer(0);
    idle.interested = false;
    EXPECT_TRUE(uploads.choker.fill_slot(idle, uploads.now));
    uploads.served.insert(0);
    uploads.now += Choker::turn_time * 3;
    EXPECT_TRUE(uploads.choker.goes_on(PeerKey(0), uploads.now));
    uploads.peers.push_back(far_peer(1));
    EXPECT_EQ(uploads.round(true), (std::set<std::uint32_t>{0}));
}

TEST(Choker, LosingInterestDoesNotBeginATurnAnew) {
    Uploads uploads({.slots = 1});
    uploads.peers = {far_peer(0)};
    uploads.round(true);
    uploads.peers.push_back(far_peer(1));
    bool served = false;
    for (int i = 0; i < 4 && !served; ++i) {
        uploads.choker.rests(PeerKey(0));
        uploads.choker.goes_on(PeerKey(0), uploads.now);
        served = uploads.round(true).contains(1);
    }
    EXPECT_TRUE(served);
}

// Peers that take and give nothing came first; those that come later get their share all the same.
TEST(Choker, WhoOnlyTakesDoesNotKeepItsSlot) {
    for (const bool seeding : {false, true}) {
        Uploads uploads({.slots = 4});
        std::map<std::uint32_t, std::uint64_t> got;
        for (std::uint32_t i = 0; i < 16; ++i) {
            uploads.peers.push_back(far_peer(i));
            if (i == 3) uploads.round(seeding);
        }
        for (int i = 0; i < 24; ++i)
            for (const auto number : uploads.round(seeding)) {
                uploads.peers[number].bytes_to += 250'000;
                ++got[number];
            }
        EXPECT_EQ(got.size(), 16U) << seeding;
        for (const auto& [number, rounds] : got) EXPECT_LE(rounds, 12U) << number;
    }
}

}  // namespace
}  // namespace spate::swarm
