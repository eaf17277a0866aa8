#include "swarm/eviction.h"

#include <gtest/gtest.h>
#include <vector>

#include "swarm/address_kind.h"

namespace spate::swarm {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint now{1h};
const Address far_away = Address::v4(9, 9, 9, 9);

Address from(std::uint8_t a, std::uint8_t b = 0, std::uint8_t c = 0) {
    return Address::v4(a, b, c, 1);
}

EvictionCandidate one(PeerUse use, Duration age, const Address& address = from(80), bool dialed = false) {
    return {.range = range_of(address), .use = use, .dialed = dialed, .since = now - age};
}

EvictionCandidate moving(std::uint64_t rate, Duration age, const Address& address = from(80)) {
    auto moves = one(PeerUse::idle, age, address);
    moves.rate = rate;
    return moves;
}
constexpr std::uint64_t fast = 1 << 20;

TEST(Eviction, TheLeastUsefulGoes) {
    std::vector all{moving(fast, 1h), one(PeerUse::waiting, 1h, from(81)), one(PeerUse::idle, 30s, from(82)),
                    one(PeerUse::silent, 5s, from(83))};
    EXPECT_EQ(gives_way(all, far_away, now), 3U);
    all.pop_back();
    EXPECT_EQ(gives_way(all, far_away, now), 2U);
    EXPECT_EQ(surplus(all, now), 2U);
    all.pop_back();
    EXPECT_EQ(gives_way(all, far_away, now), std::nullopt);
    EXPECT_EQ(surplus(all, now), std::nullopt);
    EXPECT_EQ(gives_way({}, far_away, now), std::nullopt);
}

TEST(Eviction, WhoIsNewHasTimeToSpeakAndToBecomeInterested) {
    std::vector<EvictionCandidate> all(8, one(PeerUse::waiting, 1h));
    all.push_back(one(PeerUse::silent, silent_time - 1ms));
    all.push_back(one(PeerUse::idle, idle_time - 1ms));
    EXPECT_EQ(gives_way(all, from(80), now), std::nullopt);
    EXPECT_EQ(surplus(all, now + 1ms), 8U);
}

// Faster than they could be silent for long, from as many addresses as they like.
TEST(Eviction, AFloodOfNewConnectionsGivesWayToTheNext) {
    for (const PeerUse use : {PeerUse::silent, PeerUse::idle}) {
        std::vector<EvictionCandidate> all;
        for (std::uint8_t i = 0; i < 100; ++i) all.push_back(one(use, 1s - i * 1ms, from(200 - i, i)));
        EXPECT_EQ(surplus(all, now), std::nullopt);
        EXPECT_EQ(gives_way(all, far_away, now), 0U) << "the oldest, whatever its address";
    }
}

TEST(Eviction, ABusyTableIsNotSwappedForWhoSaysNothing) {
    std::vector<EvictionCandidate> all(100, moving(fast, 1min));
    for (int i = 0; i < 20; ++i) all.push_back(one(PeerUse::silent, 1s, from(81)));
    EXPECT_EQ(gives_way(all, far_away, now), std::nullopt);
}

TEST(Eviction, OfSeveralTheRangeThatHasMostLoses) {
    std::vector all{one(PeerUse::silent, 10s, from(81)), one(PeerUse::silent, 5s, from(82)),
                    one(PeerUse::silent, 6s, from(82)), one(PeerUse::silent, 9s, from(82), true)};
    EXPECT_EQ(gives_way(all, far_away, now), 2U);
    all[1].dialed = all[2].dialed = true;
    EXPECT_EQ(gives_way(all, far_away, now), 0U) << "before those that we dialed";
}

// A block now and then costs little: it protects neither a crowd nor one beside others that move data.
TEST(Eviction, WhoTricklesGivesWay) {
    std::vector<EvictionCandidate> all;
    for (std::uint8_t i = 0; i < 100; ++i) all.push_back(moving(busy_rate - 1, 10s, from(200 - i, i)));
    EXPECT_TRUE(gives_way(all, far_away, now));
    for (EvictionCandidate& peer : all) peer.rate = busy_rate;
    EXPECT_EQ(gives_way(all, far_away, now), std::nullopt);
    for (std::size_t i = 0; i < 60; ++i) all[i].rate = fast;
    const auto leaves = gives_way(all, far_away, now);
    ASSERT_TRUE(leaves);
    EXPECT_GE(*leaves, 60U);
    for (EvictionCandidate& peer : all) peer.use = PeerUse::waiting;
    EXPECT_EQ(gives_way(all, far_away, now), std::nullopt) << "slow, but it is we that it waits for";
}

TEST(Eviction, OneThatWeDialTakesThePlaceOfWhoCame) {
    std::vector<EvictionCandidate> all(8, one(PeerUse::waiting, 1min));
    all[3].since -= 1min;
    all[5].dialed = true;
    EXPECT_EQ(gives_way(all, from(80), now), std::nullopt);
    EXPECT_EQ(gives_way_to_dialed(all, 6), 3U);
    EXPECT_EQ(gives_way_to_dialed(all, 7), std::nullopt);
    for (EvictionCandidate& peer : all) peer.rate = fast;
    EXPECT_EQ(gives_way_to_dialed(all, 6), std::nullopt);
}

// All of them interested, and never given a slot.
TEST(Eviction, ABusyRangeThatHoldsHalfOfThePlacesLeavesItsSlowestToOthers) {
    std::vector all{moving(fast, 1h), moving(fast / 2, 1h), moving(fast * 2, 1h),
                    moving(fast / 4, 1h, from(81))};
    EXPECT_EQ(gives_way(all, far_away, now), 1U);
    EXPECT_EQ(gives_way(all, from(80), now), std::nullopt);
    all[1].dialed = true;
    EXPECT_EQ(gives_way(all, far_away, now), 0U);
    EXPECT_EQ(surplus(all, now), std::nullopt);
}

TEST(Eviction, ARangeThatHoldsHalfOfThePlacesLeavesOneToOthers) {
    std::vector<EvictionCandidate> all(6, one(PeerUse::waiting, 1min, from(66)));
    all[4].since -= 1min;
    for (std::uint8_t i = 0; i < 5; ++i) all.push_back(one(PeerUse::waiting, 1h, from(100, i)));
    EXPECT_EQ(gives_way(all, from(66, 0, 0), now), std::nullopt);
    EXPECT_EQ(gives_way(all, far_away, now), 4U);
    all[4].rate = busy_rate;
    EXPECT_EQ(gives_way(all, far_away, now), 0U);
    all.erase(all.begin());
    EXPECT_EQ(gives_way(all, far_away, now), std::nullopt);
}

}  // namespace
}  // namespace spate::swarm
