#include "catalogue/draft.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>

#include "catalogue/draft_fixture.h"
#include "catalogue/peer_rules.h"

namespace spate::catalogue {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Create, MakesAnEntryWithAWholeFileLine) {
    Tracker tracker;
    ASSERT_EQ(tracker.create(create_of("a.jpg")), Answer::succ);
    const auto* entry = tracker.catalogue.find("a.jpg");
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(entry->size, 1000U);
    EXPECT_EQ(entry->owner, alice);
    EXPECT_TRUE(entry->checksum_usable);
    EXPECT_EQ(entry->created, WallTime{1000});
    ASSERT_EQ(entry->peers.size(), 1U);
    EXPECT_EQ(entry->peers[0], (Peer{"127.0.0.1", 6361, 0, 1000, WallTime{1000}, true}));
}

TEST(Create, OfAnExistingNameIsFerrForEverybody) {
    Tracker tracker;
    ASSERT_EQ(tracker.create(create_of("a.jpg")), Answer::succ);
    EXPECT_EQ(tracker.create(create_of("a.jpg")), Answer::ferr);
    EXPECT_EQ(tracker.create(create_of("a.jpg"), bob), Answer::ferr);
    EXPECT_EQ(tracker.create(create_of("a.jpg", 5), bob), Answer::ferr);
    EXPECT_EQ(tracker.catalogue.find("a.jpg")->size, 1000U);
}

TEST(Create, RefusesWhatHarms) {
    Tracker tracker;
    for (const std::string name : {"", "a/b", "..", "a b", "line\n"}) {
        EXPECT_EQ(tracker.create(create_of(name)), Answer::fail) << name;
    }
    EXPECT_EQ(tracker.create(create_of(std::string(256, 'n'))), Answer::fail);
    EXPECT_EQ(tracker.create(create_of(std::string(255, 'n'))), Answer::succ);
    EXPECT_EQ(tracker.create(create_of("big", std::uint64_t{INT64_MAX} + 1)), Answer::fail);
    EXPECT_EQ(tracker.create(create_of("big", INT64_MAX)), Answer::succ);
    EXPECT_EQ(tracker.create(create_of("port", 10, 0)), Answer::fail);
    auto request = create_of("host");
    request.host = "a host";
    EXPECT_EQ(tracker.create(request), Answer::fail);
    request = create_of("description");
    request.description = std::string(tracker.limits.description_bytes + 1, 'd');
    EXPECT_EQ(tracker.create(request), Answer::fail);
    request.description.pop_back();
    EXPECT_EQ(tracker.create(request), Answer::succ);
}

TEST(Create, TwiceInOneBatchMakesOne) {
    Tracker tracker;
    Draft draft(tracker.catalogue, tracker.limits, tracker.now);
    EXPECT_EQ(draft.create(create_of("a"), alice, Verification::verified).answer, Answer::succ);
    EXPECT_EQ(draft.create(create_of("a"), bob, Verification::verified).answer, Answer::ferr);
    EXPECT_EQ(draft.update({"a", 0, 10, "127.0.0.1", 7000}).answer, Answer::succ);
    const auto changes = draft.take();
    ASSERT_EQ(changes.entries.size(), 1U);
    EXPECT_EQ(changes.entries[0].before, nullptr);
    EXPECT_EQ(changes.entries[0].after->owner, alice);
    EXPECT_EQ(changes.entries[0].after->peers.size(), 2U);
    EXPECT_EQ(tracker.catalogue.find("a"), nullptr);  // nothing is true before it is adopted
}

TEST(Create, CapsHoldAtTheirLimits) {
    Tracker tracker;
    tracker.limits.entries = 5;
    tracker.limits.entries_per_source = 2;
    EXPECT_EQ(tracker.create(create_of("a1"), alice), Answer::succ);
    EXPECT_EQ(tracker.create(create_of("a2"), alice), Answer::succ);
    EXPECT_EQ(tracker.create(create_of("a3"), alice), Answer::fail);
    EXPECT_EQ(tracker.create(create_of("b1"), bob), Answer::succ);
    // One IPv6 network of 64 bits is one source.
    EXPECT_EQ(tracker.create(create_of("c1"), *Address::parse("2001:db8::1")), Answer::succ);
    EXPECT_EQ(tracker.create(create_of("c2"), *Address::parse("2001:db8::ffff:1")), Answer::succ);
    EXPECT_EQ(tracker.create(create_of("c3"), *Address::parse("2001:db8::2")), Answer::fail);
    EXPECT_EQ(tracker.create(create_of("b2"), bob), Answer::fail);  // five there are
    EXPECT_EQ(tracker.catalogue.entries().size(), 5U);
}

TEST(Create, CapsCountTheBatchItself) {
    Tracker tracker;
    tracker.limits.entries_per_source = 2;
    tracker.limits.peers = 3;
    Draft draft(tracker.catalogue, tracker.limits, tracker.now);
    EXPECT_EQ(draft.create(create_of("a1"), alice, Verification::unchecked).answer, Answer::succ);
    EXPECT_EQ(draft.create(create_of("a2"), alice, Verification::unchecked).answer, Answer::succ);
    EXPECT_EQ(draft.create(create_of("a3"), alice, Verification::unchecked).answer, Answer::fail);
    EXPECT_EQ(draft.create(create_of("b1"), bob, Verification::unchecked).answer, Answer::succ);
    EXPECT_EQ(draft.create(create_of("b2"), bob, Verification::unchecked).answer, Answer::fail);  // peers
    EXPECT_EQ(draft.update({"a1", 0, 1, "127.0.0.1", 1}).answer, Answer::fail);
    EXPECT_EQ(draft.update({"a1", 0, 1, "127.0.0.1", 6361}).answer, Answer::succ);
}

TEST(Update, ChecksNameAndRange) {
    Tracker tracker;
    tracker.create(create_of("a"));
    EXPECT_EQ(tracker.update("b", 0, 10), Answer::ferr);
    EXPECT_EQ(tracker.update("a", 10, 9), Answer::fail);
    EXPECT_EQ(tracker.update("a", 0, 1001), Answer::fail);
    EXPECT_EQ(tracker.update("a", UINT64_MAX, UINT64_MAX), Answer::fail);
    EXPECT_THAT(tracker.ranges("a"), ElementsAre("0-1000"));
    EXPECT_EQ(tracker.update("a", 0, 0), Answer::succ);
    EXPECT_EQ(tracker.update("a", 1000, 1000), Answer::succ);
    EXPECT_EQ(tracker.update("a", 0, 1000), Answer::succ);
}

struct Announced {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
    std::string line;
};
class Ranges : public ::testing::TestWithParam<Announced> {};

TEST_P(Ranges, OfOnePeerMergeOrReplace) {
    Tracker tracker;
    tracker.create(create_of("a"));
    for (const auto& [start, end] : GetParam().ranges)
        ASSERT_EQ(tracker.update("a", start, end), Answer::succ);
    EXPECT_THAT(tracker.ranges("a"), ElementsAre(GetParam().line));
}

INSTANTIATE_TEST_SUITE_P(
    Updates, Ranges,
    ::testing::Values(Announced{{{0, 50}}, "0-50"},                      // the creator's line goes
                      Announced{{{0, 1000}, {0, 50}}, "0-1000"},         // an announced one stays
                      Announced{{{0, 50}, {50, 100}}, "0-100"},          // touching, end exclusive
                      Announced{{{0, 49}, {50, 99}}, "0-99"},            // touching, end inclusive
                      Announced{{{50, 99}, {0, 49}}, "0-99"},            // from below
                      Announced{{{0, 48}, {50, 99}}, "50-99"},           // a hole
                      Announced{{{0, 50}, {25, 75}, {75, 80}}, "0-80"},  // overlapping
                      Announced{{{10, 90}, {20, 30}}, "10-90"},          // inside
                      Announced{{{0, 50}, {200, 250}, {0, 50}}, "0-50"}));

TEST(Update, PeersAreToldApartByHostAndPort) {
    Tracker tracker;
    tracker.create(create_of("a"));
    tracker.update("a", 0, 10, 1);
    tracker.update("a", 10, 20, 2);
    tracker.change([](Draft& draft) { return draft.update({"a", 20, 30, "other.example", 1}); });
    EXPECT_THAT(tracker.ranges("a"), ElementsAre("0-1000", "0-10", "10-20", "20-30"));
}

TEST(Update, DeadPeersGoWithEveryUpdate) {
    Tracker tracker;
    tracker.create(create_of("a"));
    tracker.now.unix_seconds += 900;
    tracker.update("a", 0, 10, 1);
    EXPECT_THAT(tracker.ranges("a"), ElementsAre("0-1000", "0-10"));  // exactly 900 s: alive
    tracker.now.unix_seconds += 1;
    tracker.update("a", 0, 20, 1);
    EXPECT_THAT(tracker.ranges("a"), ElementsAre("0-20"));
    tracker.now.unix_seconds += 901;
    tracker.update("a", 20, 30, 1);  // its own old range died with it
    EXPECT_THAT(tracker.ranges("a"), ElementsAre("20-30"));
}

TEST(Update, AFullEntryTakesNewPeersOnlyForDeadOnes) {
    Tracker tracker;
    tracker.limits.peers_per_entry = 3;
    tracker.create(create_of("a"));
    EXPECT_EQ(tracker.update("a", 0, 1, 1), Answer::succ);
    EXPECT_EQ(tracker.update("a", 0, 1, 2), Answer::succ);
    EXPECT_EQ(tracker.update("a", 0, 1, 3), Answer::fail);
    tracker.now.unix_seconds += 500;
    EXPECT_EQ(tracker.update("a", 0, 2, 1), Answer::succ);  // a known one is always welcome
    tracker.now.unix_seconds += 500;
    EXPECT_EQ(tracker.update("a", 0, 1, 3), Answer::succ);
    EXPECT_EQ(tracker.catalogue.find("a")->peers.size(), 2U);
}

TEST(Sweep, LeavesEntriesWithoutPeersListed) {
    Tracker tracker;
    tracker.create(create_of("a"));
    tracker.now.unix_seconds += 901;
    tracker.change([](Draft& draft) {
        draft.sweep("a");
        draft.sweep("unknown");
        return Outcome{};
    });
    ASSERT_NE(tracker.catalogue.find("a"), nullptr);
    EXPECT_THAT(tracker.ranges("a"), IsEmpty());
    EXPECT_EQ(tracker.catalogue.peer_count(), 0U);
    EXPECT_EQ(tracker.create(create_of("a")), Answer::ferr);
    EXPECT_EQ(tracker.update("a", 0, 10), Answer::succ);
}

TEST(Take, LeavesOutWhatEndedAsItBegan) {
    Tracker tracker;
    tracker.create(create_of("a"));
    Draft draft(tracker.catalogue, tracker.limits, tracker.now);
    draft.sweep("a");
    EXPECT_TRUE(draft.take().empty());
}

TEST(BareTracker, KeepsTheLastFive) {
    Tracker tracker;
    for (int i = 0; i < 7; ++i) {
        tracker.now.unix_seconds = i;
        tracker.change([](Draft& draft) {
            draft.bare_tracker();
            return Outcome{};
        });
    }
    EXPECT_THAT(tracker.catalogue.bare(),
                ElementsAre(WallTime{2}, WallTime{3}, WallTime{4}, WallTime{5}, WallTime{6}));
}

TEST(PeerRules, CoverageCountsLivingAnnouncedPeers) {
    Entry entry;
    entry.size = 100;
    const std::chrono::seconds timeout(900);
    EXPECT_FALSE(is_covered(entry, WallTime{0}, timeout));
    entry.peers = {{"h", 1, 0, 100, WallTime{0}, true}};
    EXPECT_FALSE(is_covered(entry, WallTime{0}, timeout));  // the creator's line: it serves nothing yet
    entry.peers = {{"h", 1, 0, 49, WallTime{0}, false}, {"h", 2, 50, 99, WallTime{10}, false}};
    EXPECT_TRUE(is_covered(entry, WallTime{0}, timeout));
    EXPECT_TRUE(is_covered(entry, WallTime{900}, timeout));
    EXPECT_FALSE(is_covered(entry, WallTime{901}, timeout));
    entry.peers[1].start = 51;
    EXPECT_FALSE(is_covered(entry, WallTime{0}, timeout));
}

TEST(PeerRules, NextDeathIsTheFirstSecondOfIt) {
    Entry entry;
    const std::chrono::seconds timeout(900);
    EXPECT_EQ(next_death(entry, WallTime{0}, timeout), std::nullopt);
    entry.peers = {{"h", 1, 0, 1, WallTime{50}, false}, {"h", 2, 0, 1, WallTime{20}, false}};
    EXPECT_EQ(next_death(entry, WallTime{60}, timeout), WallTime{921});
    EXPECT_EQ(next_death(entry, WallTime{921}, timeout), WallTime{951});
    EXPECT_EQ(next_death(entry, WallTime{951}, timeout), std::nullopt);
}

TEST(Draft, APeerTakesItsLineBack) {
    Tracker tracker;
    const auto withdraw = [&](const std::string& name, const std::string& host, std::uint16_t port) {
        return tracker.change([&](Draft& draft) { return draft.withdraw({name, 1000, 1000, host, port}); })
            .answer;
    };
    tracker.create(create_of("a"));
    tracker.update("a", 0, 500);
    tracker.update("a", 500, 1000, 7000);
    EXPECT_EQ(withdraw("a", "127.0.0.1", 6361), Answer::succ);
    EXPECT_EQ(tracker.ranges("a"), std::vector<std::string>{"500-1000"});
    EXPECT_EQ(tracker.catalogue.peer_count(), 1U);
    EXPECT_EQ(withdraw("a", "127.0.0.1", 6361), Answer::succ);  // once more is nothing
    EXPECT_EQ(withdraw("a", "127.0.0.2", 7000), Answer::succ);
    EXPECT_EQ(tracker.ranges("a").size(), 1U);
    EXPECT_EQ(withdraw("b", "127.0.0.1", 7000), Answer::ferr);
}

}  // namespace
}  // namespace spate::catalogue
