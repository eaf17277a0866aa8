#include "tracker/check_turns.h"

#include <gtest/gtest.h>
#include <vector>

namespace spate::tracker {
namespace {

class CheckTurnsTest : public ::testing::Test {
  protected:
    static Address at(std::uint8_t range, std::uint8_t host) { return Address::v4(203, 0, range, host); }
    CheckTurns::Verdict add(const Address& from) { return turns.add(++last, from); }
    CheckTurns turns;
    CheckTurns::Id last = 0;
};

TEST_F(CheckTurnsTest, NobodyHasMoreThanItsShareOfThePlaces) {
    for (int i = 0; i < 3; ++i) add(at(1, 1));
    for (std::uint8_t host = 2; host < 5; ++host) add(at(1, host));
    EXPECT_EQ(turns.next(), 1u);
    EXPECT_EQ(turns.next(), 4u);            // another of that range; its share is full
    EXPECT_EQ(turns.next(), std::nullopt);  // though two places are free
    add(at(2, 1));
    EXPECT_EQ(turns.next(), 7u);
    turns.over(1);
    EXPECT_EQ(turns.next(), 5u);  // who had none before the first's second
}

TEST_F(CheckTurnsTest, AFirstCheckGoesBeforeAnybodysSecond) {
    for (std::uint8_t range = 1; range <= 15; ++range)
        for (int i = 0; i < 16; ++i) ASSERT_TRUE(add(at(range, 1)).waits);
    std::vector<CheckTurns::Id> running;
    for (int i = 0; i < 20; ++i) {  // every one of them had a turn
        while (const auto id = turns.next()) running.push_back(*id);
        turns.over(running.front());
        running.erase(running.begin());
    }
    ASSERT_TRUE(add(at(99, 1)).waits);
    EXPECT_EQ(turns.next(), last);
}

TEST_F(CheckTurnsTest, WhoHasMostWaitingMakesWay) {
    for (std::uint8_t host = 1; host <= 16; ++host)
        for (int i = 0; i < 16; ++i) ASSERT_TRUE(add(at(1, host)).waits);
    EXPECT_FALSE(add(at(1, 1)).waits);   // its source has its share waiting
    EXPECT_FALSE(add(at(1, 99)).waits);  // its range is the one that has most
    const auto verdict = add(at(2, 1));
    EXPECT_TRUE(verdict.waits);
    EXPECT_EQ(verdict.dropped, 256u);  // the newest
    EXPECT_EQ(turns.next(), 1u);
    EXPECT_EQ(turns.next(), last);
    EXPECT_EQ(turns.next(), 17u);
}

TEST_F(CheckTurnsTest, AHouseholdOfIPv6IsOneSource) {
    auto octets = std::array<std::uint8_t, 16>{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 1, 1};
    add(Address::v6(octets));
    octets[15] = 7;
    add(Address::v6(octets));
    EXPECT_EQ(turns.next(), 1u);
    EXPECT_EQ(turns.next(), std::nullopt);
}

TEST_F(CheckTurnsTest, ManyMayComeAndGoWhileOneWaits) {
    add(at(1, 1));  // waits all the time behind its first
    add(at(1, 1));
    ASSERT_EQ(turns.next(), 1u);
    for (std::uint32_t i = 0; i < 3000; ++i) {
        add(Address::v4(10, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i), 1));
        const auto id = turns.next();
        ASSERT_EQ(id, last);
        turns.over(*id);
    }
    turns.over(1);
    EXPECT_EQ(turns.next(), 2u);
}

}  // namespace
}  // namespace spate::tracker
