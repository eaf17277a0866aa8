#include "swarm/super_seeding.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <set>

#include "swarm/picker_test_layout.h"

namespace spate::swarm {
namespace {

using metainfo::Bitfield;
using std::chrono::seconds;

constexpr PeerKey ann{0}, ben{1}, cat{2};

struct Seed {
    explicit Seed(std::uint32_t pieces, std::uint32_t blocks = 16)
        : layout(pieces_of_blocks(pieces, blocks)), policy(layout, rng) {}

    std::vector<RevealedPiece> reveal() {
        std::vector<RevealedPiece> out;
        policy.reveal(now, out);
        for (const auto& one : out) {
            EXPECT_TRUE(policy.may_request(one.peer, one.piece));
            ++copies[one.piece.value];
        }
        return out;
    }
    void send(const RevealedPiece& revealed) {
        policy.on_sent(revealed.peer, revealed.piece, layout.piece_size(revealed.piece), now);
    }
    // Gives how many pieces each peer was shown; all were sent at once.
    std::map<std::uint32_t, int> give_everything() {
        std::map<std::uint32_t, int> by_peer;
        while (!policy.finished()) {
            const auto revealed = reveal();
            EXPECT_TRUE(!revealed.empty() || policy.finished());
            if (revealed.empty()) break;
            for (const auto& one : revealed) {
                ++by_peer[one.peer.value];
                send(one);
            }
        }
        return by_peer;
    }

    Rng rng{1};
    metainfo::FileLayout layout;
    SuperSeeding policy;
    TimePoint now{};
    std::map<std::uint32_t, int> copies;
};

TEST(SuperSeeding, EveryPieceIsRevealedOnceWhileAllGoesWell) {
    Seed seed(300);
    for (const auto peer : {ann, ben, cat}) seed.policy.peer_joined(peer);
    const auto by_peer = seed.give_everything();
    EXPECT_EQ(seed.copies.size(), 300U);
    for (const auto& [piece, copies] : seed.copies) EXPECT_EQ(copies, 1) << piece;
    for (const auto& [peer, pieces] : by_peer) EXPECT_NEAR(pieces, 100, 8) << peer;
    std::vector<PieceIndex> rest;
    seed.policy.rest(ann, rest);
    EXPECT_EQ(rest.size(), 300U - static_cast<std::size_t>(by_peer.at(0)));
}

TEST(SuperSeeding, NoMoreAheadThanTheWindow) {
    Seed seed(300);  // 256 KiB each
    seed.policy.peer_joined(ann);
    EXPECT_EQ(seed.reveal().size(), 2U);
    EXPECT_TRUE(seed.reveal().empty());
    seed.policy.set_window(ann, 8 << 20);
    seed.policy.set_ahead(8 << 20);
    EXPECT_EQ(seed.reveal().size(), 30U);
    seed.policy.peer_joined(ben);
    for (PieceIndex piece; piece.value < 300; ++piece) EXPECT_FALSE(seed.policy.may_request(ben, piece));
}

TEST(SuperSeeding, WhatWaitsInOurOutputIsNotSentYet) {
    Seed seed(300);
    seed.policy.peer_joined(ann);
    for (const auto& one : seed.reveal()) seed.send(one);
    seed.policy.set_backlog(ann, 512 << 10);
    EXPECT_TRUE(seed.reveal().empty());
    seed.policy.set_backlog(ann, 256 << 10);
    EXPECT_EQ(seed.reveal().size(), 1U);
}

TEST(SuperSeeding, WhatIsTakenBackOutOfOurOutputWasNotGiven) {
    Seed seed(2);
    seed.policy.peer_joined(ann);
    const auto revealed = seed.reveal();
    ASSERT_EQ(revealed.size(), 2U);
    for (const auto& one : revealed) seed.send(one);
    EXPECT_EQ(seed.policy.unsent(ann), 0U);
    seed.policy.on_taken_back(ann, revealed[1].piece, 16384);
    EXPECT_EQ(seed.policy.unsent(ann), 16384U);
    seed.reveal();
    EXPECT_FALSE(seed.policy.finished());
    seed.policy.on_sent(ann, revealed[1].piece, 16384, seed.now);
    seed.reveal();
    EXPECT_TRUE(seed.policy.finished());
    seed.policy.peer_has(ann, revealed[0].piece);
    seed.policy.on_taken_back(ann, revealed[0].piece, 16384);  // it has it from another
    EXPECT_EQ(seed.policy.unsent(ann), 0U);
}

TEST(SuperSeeding, FewPiecesAtATimeToAll) {
    Seed seed(300);
    for (std::uint32_t i = 0; i < 10; ++i) seed.policy.peer_joined(PeerKey(i));
    EXPECT_EQ(seed.reveal().size(), 4U);
    EXPECT_TRUE(seed.reveal().empty());
    seed.now += SuperSeeding::active_time;  // they take nothing
    EXPECT_EQ(seed.reveal().size(), 4U);
}

// It was shown them when nobody else was here.
TEST(SuperSeeding, OneThatWasShownMuchWhenAloneLeavesRoomForOthers) {
    Seed seed(300);
    seed.policy.peer_joined(ann);
    seed.policy.set_window(ann, 8 << 20);
    seed.policy.set_ahead(8 << 20);
    EXPECT_GE(seed.reveal().size(), 32U);
    seed.policy.peer_joined(ben);
    seed.policy.set_ahead(0);
    EXPECT_TRUE(std::ranges::any_of(seed.reveal(), [](const auto& one) { return one.peer == ben; }));
}

TEST(SuperSeeding, MoreIsShownWhenOurLinkStandsStillButNotForPeersThatTakeNothing) {
    Seed seed(2000);
    constexpr std::uint32_t peers = 100;
    for (std::uint32_t i = 0; i < peers; ++i) seed.policy.peer_joined(PeerKey(i));
    std::size_t before = seed.reveal().size();
    for (int i = 0; i < 10; ++i) seed.policy.on_dry();
    EXPECT_TRUE(seed.reveal().empty());
    const auto revealed = [&] {
        std::size_t most = 0;
        for (std::uint32_t i = 0; i < peers; ++i)
            most += seed.policy.unsent(PeerKey(i)) / seed.layout.piece_length();
        return most;
    };
    for (int round = 0; round < 2; ++round) {
        for (const auto& [piece, copies] : std::map(seed.copies))
            for (std::uint32_t i = 0; i < peers; ++i)
                if (seed.policy.may_request(PeerKey(i), PieceIndex(piece)))
                    seed.send({PeerKey(i), PieceIndex(piece)});
        seed.policy.on_dry();
        seed.reveal();
        EXPECT_EQ(revealed(), before * 2) << round;
        before = revealed();
    }
}

TEST(SuperSeeding, DoublingEndsAtItsCapWhateverOurRate) {
    Seed seed(2000);
    seed.policy.peer_joined(ann);
    seed.policy.set_window(ann, UINT64_MAX);
    for (int round = 0; round < 7; ++round) {
        for (const auto& one : seed.reveal()) seed.send(one);
        seed.policy.on_dry();
    }
    seed.policy.set_ahead(40 << 20);
    seed.reveal();
    EXPECT_LE(seed.policy.unsent(ann), 41U << 20);
    EXPECT_GE(seed.policy.unsent(ann), 40U << 20);
}

TEST(SuperSeeding, ASlowLonePeerIsNotShownMoreAndMore) {
    Seed seed(2000, 256);  // pieces of 4 MiB
    seed.policy.peer_joined(ann);
    seed.policy.set_window(ann, UINT64_MAX);
    std::vector<RevealedPiece> shown = seed.reveal();
    const std::size_t first = shown.size();
    for (int second = 1; second < 60; ++second) {
        seed.now += seconds(1);
        if (seed.policy.unsent(ann) > 0)
            seed.policy.on_sent(ann, shown[static_cast<std::size_t>(second - 1) / 4].piece, 1 << 20,
                                seed.now);
        for (const auto& one : seed.reveal()) shown.push_back(one);
        EXPECT_LE(seed.policy.unsent(ann), (first + 1) * (4U << 20)) << second;
    }
}

TEST(SuperSeeding, FewPeersAtATimeInTurns) {
    constexpr int peers = 100;
    constexpr int steps = peers * 60;
    static_assert(peers > SuperSeeding::fan_out_max);
    Seed seed(8000);
    seed.policy.set_ahead(AheadBudget::ahead_cap);
    for (std::uint32_t i = 0; i < peers; ++i) seed.policy.peer_joined(PeerKey(i));
    std::map<std::uint32_t, int> by_peer;
    std::vector<RevealedPiece> open;
    std::size_t most_busy = 0;
    for (int step = 0; step < steps; ++step) {
        const auto revealed = seed.reveal();
        open.insert(open.end(), revealed.begin(), revealed.end());
        std::set<std::uint32_t> busy;
        for (const auto& one : open) busy.insert(one.peer.value);
        EXPECT_LE(busy.size(), SuperSeeding::fan_out_max);
        most_busy = std::max(most_busy, busy.size());
        ASSERT_FALSE(open.empty());
        ++by_peer[open.front().peer.value];
        seed.send(open.front());
        open.erase(open.begin());
    }
    EXPECT_EQ(by_peer.size(), std::size_t{peers});
    EXPECT_EQ(most_busy, std::size_t{SuperSeeding::fan_out_max});
    const auto turn = static_cast<int>(SuperSeeding::turn_bytes / seed.layout.piece_length());
    for (const auto& [peer, pieces] : by_peer) EXPECT_NEAR(pieces, steps / peers, 2 * turn) << peer;
}

// So many come, and go or stay, and take nothing of what they are shown.
struct CrowdedSeed : Seed {
    explicit CrowdedSeed(std::uint32_t pieces) : Seed(pieces) {
        for (std::uint32_t i = 0; i < 100; ++i) policy.peer_joined(PeerKey(i));
        for (int second = 0; second < 20; ++second) {
            reveal();
            now += seconds(1);
        }
    }
};

TEST(SuperSeeding, ACrowdThatTakesNothingHoldsNobodyUp) {
    CrowdedSeed seed(60);
    constexpr PeerKey late{200};
    seed.policy.peer_joined(late);
    for (std::uint32_t i = 300; i < 320; ++i) seed.policy.peer_joined(PeerKey(i));
    for (int i = 0; i < 60 && !seed.policy.finished(); ++i)
        for (const auto& one : seed.reveal())
            if (one.peer == late) seed.send(one);
    EXPECT_TRUE(seed.policy.finished());
}

TEST(SuperSeeding, AfterACrowdAllIsAsBefore) {
    CrowdedSeed seed(300);
    for (std::uint32_t i = 0; i < 100; ++i) seed.policy.peer_gone(PeerKey(i));
    EXPECT_EQ(seed.policy.not_given(), 300U);
    seed.copies.clear();
    for (std::uint32_t i = 0; i < 8; ++i) seed.policy.peer_joined(PeerKey(i));
    const auto by_peer = seed.give_everything();
    EXPECT_EQ(seed.copies.size(), 300U);
    int twice = 0;
    for (const auto& [piece, copies] : seed.copies) twice += copies - 1;
    EXPECT_LE(twice, 8);
    for (const auto& [peer, pieces] : by_peer) EXPECT_NEAR(pieces, 300 / 8, 8) << peer;
}

TEST(SuperSeeding, WhoWantsOtherPiecesIsSoonShownMany) {
    Seed seed(4000);
    seed.policy.peer_joined(ann);
    std::size_t shown = seed.reveal().size();
    for (int i = 0; i < 6; ++i) {
        std::vector<RevealedPiece> others;
        seed.policy.show_others(ann, seed.now, others);
        shown += others.size();
        for (const auto& one : others) EXPECT_TRUE(seed.policy.may_request(ann, one.piece));
    }
    EXPECT_GT(shown, 2000U);
    EXPECT_EQ(seed.policy.not_given(), 3998U) << "others get them all the same";
    seed.policy.peer_joined(ben);
    EXPECT_FALSE(seed.reveal().empty());
}

// A tracker's probe was there first, was shown something and asks for other pieces only.
TEST(SuperSeeding, WhoWaitsGetsWhatANewcomerLetLie) {
    Seed seed(6);
    seed.policy.peer_joined(ann);
    const auto shown_to_ann = seed.reveal();
    ASSERT_FALSE(shown_to_ann.empty());
    seed.policy.peer_joined(ben);
    std::size_t shown_to_ben = 0;
    const auto take_all = [&] {
        for (auto revealed = seed.reveal(); !revealed.empty(); revealed = seed.reveal()) {
            for (const auto& one : revealed) {
                EXPECT_EQ(one.peer, ben);
                ++shown_to_ben;
                seed.send(one);
                seed.policy.peer_has(ben, one.piece);
            }
        }
    };
    take_all();
    EXPECT_EQ(shown_to_ben, 6 - shown_to_ann.size());
    EXPECT_FALSE(seed.policy.finished());
    seed.now += SuperSeeding::lying_time;
    take_all();
    EXPECT_EQ(shown_to_ben, 6U);
    EXPECT_TRUE(seed.policy.may_request(ann, shown_to_ann[0].piece));
    EXPECT_TRUE(seed.policy.finished());
}

TEST(SuperSeeding, WhoTookSomethingKeepsTheRestOfWhatItWasShown) {
    Seed seed(6);
    seed.policy.peer_joined(ann);
    const auto shown_to_ann = seed.reveal();
    ASSERT_GE(shown_to_ann.size(), 2U);
    seed.send(shown_to_ann[0]);
    seed.policy.peer_joined(ben);
    for (auto revealed = seed.reveal(); !revealed.empty(); revealed = seed.reveal())
        for (const auto& one : revealed)
            if (one.peer == ben) seed.send(one);
    seed.now += SuperSeeding::lying_time;
    EXPECT_TRUE(seed.reveal().empty());
    for (const auto& [piece, copies] : seed.copies) EXPECT_EQ(copies, 1) << piece;
}

TEST(SuperSeeding, WhatAPeerTookAwayIsGivenAgain) {
    Seed seed(20);
    seed.policy.peer_joined(ann);
    const auto taken = seed.reveal();
    seed.policy.peer_has(ann, taken[0].piece);
    seed.policy.peer_joined(ben);
    seed.policy.peer_has(ben, taken[0].piece);
    EXPECT_EQ(seed.policy.not_given(), 18U);
    seed.policy.peer_gone(ann);
    EXPECT_EQ(seed.policy.not_given(), 19U);  // ben has the first
    seed.policy.peer_gone(ben);
    EXPECT_EQ(seed.policy.not_given(), 20U);
}

TEST(SuperSeeding, TheRestIsRevealedWhenTheLastFirstCopyIsOutOrTakesTooLong) {
    Seed seed(2);
    seed.policy.peer_joined(ann);
    const auto revealed = seed.reveal();
    ASSERT_EQ(revealed.size(), 2U);
    EXPECT_EQ(seed.policy.not_given(), 0U);
    EXPECT_FALSE(seed.policy.finished());
    for (const auto& one : revealed) {
        EXPECT_FALSE(seed.policy.finished());
        seed.send(one);
        seed.reveal();
    }
    EXPECT_TRUE(seed.policy.finished());

    Seed slow(2);
    slow.policy.peer_joined(ann);
    slow.reveal();
    slow.now += SuperSeeding::patience;
    slow.reveal();
    EXPECT_TRUE(slow.policy.finished());
}

TEST(SuperSeeding, WhoIsNotServedGetsNothing) {
    Seed seed(20);
    seed.policy.peer_joined(ann);
    EXPECT_EQ(seed.reveal().size(), 2U);
    seed.policy.set_served(ann, false);
    EXPECT_EQ(seed.policy.not_given(), 20U);
    EXPECT_TRUE(seed.reveal().empty());
    seed.policy.peer_joined(ben);
    seed.policy.peer_bitfield(ben, Bitfield(20, true));
    EXPECT_TRUE(seed.reveal().empty());
    EXPECT_TRUE(seed.policy.finished());
}

}  // namespace
}  // namespace spate::swarm
