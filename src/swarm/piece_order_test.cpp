#include "swarm/piece_order.h"

#include <algorithm>
#include <gtest/gtest.h>

#include "base/rng.h"

namespace spate::swarm {
namespace {

TEST(PieceOrder, RanksGrowWithThePeersAndAreExactWhileFew) {
    for (std::uint32_t peers = 0; peers < 32; ++peers) EXPECT_EQ(PieceOrder::rank_of(peers), peers);
    for (std::uint32_t peers = 1; peers < 70'000; ++peers) {
        EXPECT_GE(PieceOrder::rank_of(peers), PieceOrder::rank_of(peers - 1));
        EXPECT_LE(PieceOrder::rank_of(peers), PieceOrder::rank_of(peers - 1) + 1);
    }
    EXPECT_EQ(PieceOrder::rank_of(70'000), PieceOrder::rank_count - 1);
}

// Every piece is where its state says, in whatever way the order came about.
void expect_right(const PieceOrder& order, const std::vector<Piece>& pieces) {
    std::vector<std::uint32_t> expected, found;
    for (std::uint32_t i = 0; i < pieces.size(); ++i)
        if (pieces[i].in_order()) expected.push_back(i);
    for (std::uint32_t priority = 0; priority < PieceOrder::priority_count; ++priority) {
        std::size_t of_priority = 0;
        for (std::uint32_t rank = 0; rank < PieceOrder::rank_count; ++rank) {
            for (const auto i : order.of_rank(priority, rank)) {
                EXPECT_EQ(pieces[i].priority, priority);
                EXPECT_EQ(PieceOrder::rank_of(pieces[i].availability), rank);
                found.push_back(i);
            }
            of_priority += order.of_rank(priority, rank).size();
        }
        EXPECT_EQ(order.of_priority(priority).size(), of_priority);
    }
    std::ranges::sort(found);
    EXPECT_EQ(found, expected);
    EXPECT_EQ(order.fresh().count(), expected.size());
    for (const auto i : expected) EXPECT_TRUE(order.fresh().has(PieceIndex(i)));
    EXPECT_EQ(order.size(), expected.size());
}

TEST(PieceOrder, AgreesWithTheStatesAfterAnyChanges) {
    Rng rng(1);
    for (int round = 0; round < 20; ++round) {
        std::vector<Piece> pieces(1 + rng.below(60));
        for (auto& piece : pieces)
            piece = {static_cast<std::uint16_t>(rng.below(50)), static_cast<std::uint8_t>(rng.below(8))};
        PieceOrder order(static_cast<std::uint32_t>(pieces.size()));
        order.restart(pieces);
        order.sort(pieces);
        for (int step = 0; step < 300; ++step) {
            const auto i = static_cast<std::uint32_t>(rng.below(pieces.size()));
            auto& piece = pieces[i];
            const auto what = rng.below(3);
            if (what == 0 && piece.in_order()) {
                const auto before = piece.availability;
                const auto other = rng.chance(1, 2) ? rng.below(60) : before + 1U;
                piece.availability = static_cast<std::uint16_t>(other);
                order.moved(PieceIndex(i), piece, before);
                if (rng.chance(1, 20)) order.set_stale();
                if (rng.chance(1, 5)) order.sort(pieces);
            } else if (what == 1 && piece.in_order()) {
                order.remove(PieceIndex(i), piece);
                piece.phase = Phase::begun;
                order.set_note(PieceIndex(i), 7);
                EXPECT_EQ(order.note(PieceIndex(i)), 7U);
            } else if (what == 2 && !piece.in_order()) {
                piece.phase = Phase::fresh;
                piece.priority = static_cast<std::uint8_t>(1 + rng.below(7));
                order.insert(PieceIndex(i), piece);
            }
        }
        const bool alone = order.any_with_nobody(pieces);
        order.sort(pieces);
        EXPECT_EQ(order.any_with_nobody(pieces), alone);
        expect_right(order, pieces);
    }
}

}  // namespace
}  // namespace spate::swarm
