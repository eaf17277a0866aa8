#include <gtest/gtest.h>

#include "base/rng.h"
#include "tracker/address_scope.h"
#include "tracker/admission.h"
#include "tracker/deadlines.h"
#include "tracker/reply_budget.h"
#include "tracker/source_budget.h"
#include "tracker/unfinished_budget.h"

namespace spate::tracker {
namespace {

TimePoint at(std::int64_t tick) {
    return TimePoint(Duration(tick));
}

TEST(Deadlines, EarliestFirstAndEachOnce) {
    Deadlines deadlines;
    EXPECT_EQ(deadlines.next(), never);
    deadlines.set(1, at(30));
    deadlines.set(2, at(10));
    deadlines.set(3, at(20));
    deadlines.set(1, at(5));  // replaces
    deadlines.remove(3);
    EXPECT_EQ(deadlines.next(), at(5));
    EXPECT_TRUE(deadlines.take_due(at(4)).empty());
    EXPECT_EQ(deadlines.take_due(at(10)), (std::vector<ConnectionId>{1, 2}));
    EXPECT_EQ(deadlines.count(), 0U);
}

TEST(Deadlines, AgreesWithAMapUnderRandomWork) {
    Rng rng(3);
    Deadlines deadlines;
    std::map<ConnectionId, TimePoint> model;
    for (int step = 0; step < 20000; ++step) {
        const ConnectionId id = rng.below(20);
        if (rng.chance(1, 4)) {
            deadlines.remove(id);
            model.erase(id);
        } else if (rng.chance(1, 5)) {
            const TimePoint now = at(static_cast<std::int64_t>(rng.below(100)));
            const auto due = deadlines.take_due(now);
            std::size_t expected = 0;
            for (auto it = model.begin(); it != model.end();) {
                const bool is_due = it->second <= now;
                expected += is_due;
                it = is_due ? model.erase(it) : std::next(it);
            }
            ASSERT_EQ(due.size(), expected);
        } else {
            const TimePoint due = at(static_cast<std::int64_t>(rng.below(100)));
            deadlines.set(id, due);
            model[id] = due;
        }
        ASSERT_EQ(deadlines.count(), model.size());
    }
}

TEST(Admission, CountsInAllAndByAddress) {
    Admission admission(3, 2);
    ConnectionId id = 0;
    const auto one = Address::v4(192, 0, 2, 1);
    const auto two = Address::v4(192, 0, 2, 2);
    EXPECT_TRUE(admission.admit(++id, one));
    EXPECT_TRUE(admission.admit(++id, one));
    EXPECT_FALSE(admission.admit(++id, one));  // its share is full
    EXPECT_TRUE(admission.admit(++id, two));
    EXPECT_FALSE(admission.admit(++id, two));  // all is full
    admission.release(1, one);
    EXPECT_TRUE(admission.admit(++id, two));
    EXPECT_EQ(admission.total(), 3U);
}

TEST(Admission, WhoHasMostMakesWay) {
    Admission admission(6, 5);
    const auto crowd = Address::v4(192, 0, 2, 1);
    const auto few = Address::v4(192, 0, 2, 2);
    const auto other = Address::v4(192, 0, 2, 3);
    EXPECT_EQ(admission.to_make_way_for(other), nullptr);
    for (ConnectionId id = 1; id <= 4; ++id) ASSERT_TRUE(admission.admit(id, crowd));
    for (ConnectionId id = 5; id <= 6; ++id) ASSERT_TRUE(admission.admit(id, few));
    EXPECT_EQ(admission.to_make_way_for(crowd), nullptr);
    for (ConnectionId id = 1; id <= 2; ++id) {
        const auto* others = admission.to_make_way_for(other);
        ASSERT_NE(others, nullptr);
        EXPECT_EQ(*others->begin(), id);
        admission.release(id, crowd);
        EXPECT_TRUE(admission.admit(id + 10, other));
    }
    EXPECT_EQ(admission.to_make_way_for(other), nullptr);  // two each
    EXPECT_EQ(admission.total(), 6U);
}

TEST(Admission, AnEntryGoesWithItsLastConnection) {
    Admission none(5, 0);
    EXPECT_FALSE(none.admit(1, Address::loopback()));
    EXPECT_EQ(none.total(), 0U);
}

TEST(UnfinishedBudget, ASourceHasItsShare) {
    UnfinishedBudget budget(100, 40);
    const auto one = Address::v4(192, 0, 2, 1);
    const auto two = Address::v4(192, 0, 2, 2);
    EXPECT_TRUE(budget.add(1, one, 20).kept);
    EXPECT_TRUE(budget.add(2, one, 20).kept);
    EXPECT_FALSE(budget.add(2, one, 1).kept);
    EXPECT_TRUE(budget.add(3, two, 1).kept);
    budget.remove(1);
    budget.remove(1);
    EXPECT_TRUE(budget.add(2, one, 20).kept);
    EXPECT_EQ(budget.held(), 41U);
}

TEST(UnfinishedBudget, TheOldestOfWhoHoldsMostMakesWay) {
    UnfinishedBudget budget(100, 60);
    const auto large = Address::v4(192, 0, 2, 1);
    const auto small = Address::v4(192, 0, 2, 2);
    const auto late = Address::v4(192, 0, 2, 3);
    ASSERT_TRUE(budget.add(1, large, 30).kept);
    ASSERT_TRUE(budget.add(2, small, 40).kept);
    ASSERT_TRUE(budget.add(3, large, 30).kept);
    auto verdict = budget.add(4, late, 20);
    EXPECT_TRUE(verdict.kept);
    EXPECT_EQ(verdict.dropped, std::vector<ConnectionId>{1});
    EXPECT_TRUE(budget.add(4, late, 10).kept);
    verdict = budget.add(4, late, 30);  // it would hold most itself
    EXPECT_FALSE(verdict.kept);
    EXPECT_TRUE(verdict.dropped.empty());
    EXPECT_EQ(budget.held(), 100U);
    for (ConnectionId id = 2; id <= 4; ++id) budget.remove(id);
    EXPECT_EQ(budget.held(), 0U);
}

TEST(ReplyBudget, WhoReadsLongestGoesFirstAndNeverTheNewest) {
    ReplyBudget budget(100);
    EXPECT_TRUE(budget.add(1, 60).empty());
    EXPECT_TRUE(budget.add(2, 40).empty());  // exactly the cap
    EXPECT_EQ(budget.add(3, 1), (std::vector<ConnectionId>{1}));
    EXPECT_EQ(budget.held(), 41U);
    EXPECT_EQ(budget.add(4, 500), (std::vector<ConnectionId>{2, 3}));  // one alone may be above it
    budget.remove(4);
    budget.remove(4);
    EXPECT_EQ(budget.held(), 0U);
}

TEST(SourceBudget, ARateABurstAndNobodyElsePays) {
    SourceBudget budget(10, 20, {});
    const TimePoint now{std::chrono::hours(1)};
    const auto allowed = [&](const Address& from, TimePoint when) {
        int count = 0;
        for (int i = 0; i < 100; ++i) count += budget.take(from, when);
        return count;
    };
    const auto one = Address::v4(192, 0, 2, 1);
    EXPECT_EQ(allowed(one, now), 20);
    EXPECT_EQ(allowed(one, now + std::chrono::milliseconds(500)), 5);
    EXPECT_EQ(allowed(one, now + std::chrono::minutes(5)), 20);
    EXPECT_EQ(allowed(Address::v4(192, 0, 2, 2), now), 20);
    EXPECT_EQ(allowed(Address::loopback(), now), 100);
    // A /64 is one source.
    EXPECT_EQ(allowed(*Address::parse("2001:db8::1"), now), 20);
    EXPECT_EQ(allowed(*Address::parse("2001:db8::2"), now), 0);
    SourceBudget none(0, 0, {});
    EXPECT_TRUE(none.take(one, now));
}

TEST(SourceBudget, ManyBusySourcesLeaveRoomForMostOthers) {
    SourceBudget budget(10, 20, {});
    const TimePoint now{std::chrono::hours(1)};
    for (std::uint32_t i = 0; i < 1500; ++i)
        for (int times = 0; times < 40; ++times)
            budget.take(Address::v4(10, 0, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)),
                        now);
    int refused = 0;
    for (std::uint32_t i = 0; i < 1000; ++i)
        refused += !budget.take(
            Address::v4(11, 0, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)), now);
    EXPECT_LT(refused, 60);  // (1500 * 2 / 16384)^2 = 3 % expected
}

TEST(AddressScope, LocalGlobalAndNobodys) {
    const auto scope = [](const char* text) { return scope_of(*Address::parse(text)); };
    for (const auto* text :
         {"127.0.0.1", "10.1.2.3", "172.31.255.255", "192.168.0.1", "169.254.1.1", "100.64.0.1", "192.0.2.1",
          "::1", "fe80::1", "fd00::1", "2001:db8::1", "::ffff:10.0.0.1", "100::1"})
        EXPECT_EQ(scope(text), AddressScope::local) << text;
    for (const auto* text : {"8.8.8.8", "172.32.0.1", "100.128.0.1", "2001:4860::1", "::ffff:8.8.8.8"})
        EXPECT_EQ(scope(text), AddressScope::global) << text;
    for (const auto* text : {"0.0.0.0", "0.1.2.3", "224.0.0.1", "255.255.255.255", "::", "ff02::1"})
        EXPECT_EQ(scope(text), AddressScope::none) << text;
}

}  // namespace
}  // namespace spate::tracker
