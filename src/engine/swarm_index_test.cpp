#include "engine/swarm_index.h"

#include <gtest/gtest.h>

namespace spate::engine {
namespace {

metainfo::InfoHash hybrid() {
    return {.v1 = hash::Sha1{1}, .v2 = hash::Sha256{2}};
}
metainfo::InfoHash v1_of(const metainfo::InfoHash& hash) {
    return {.v1 = hash.v1, .v2 = std::nullopt};
}
metainfo::InfoHash v2_of(const metainfo::InfoHash& hash) {
    return {.v1 = std::nullopt, .v2 = hash.v2};
}
hash::Sha1 v2_swarm() {
    return metainfo::truncated(*hybrid().v2);
}

class SwarmIndexTest : public ::testing::Test {
  protected:
    explicit SwarmIndexTest(unsigned sessions = 1) : ledgers({}, sessions) {}
    SessionLedgers ledgers;
    const TorrentId first{1};
    const TorrentId second{2};
};

TEST_F(SwarmIndexTest, ASwarmIsOfOneTorrent) {
    SwarmIndex index({ledgers});
    EXPECT_TRUE(index.add(first, hybrid()));
    EXPECT_FALSE(index.add(second, v2_of(hybrid())));
    EXPECT_EQ(index.find(hash::Sha1{1}), first);
    EXPECT_EQ(index.find(v2_swarm()), first);
    index.remove(first);
    EXPECT_FALSE(index.find(hash::Sha1{1}));
    EXPECT_TRUE(index.add(second, v2_of(hybrid())));
}

TEST_F(SwarmIndexTest, OfTwoThatAreTheSameTheOneThatLearnsItGoes) {
    SwarmIndex index({ledgers});
    index.add(first, v1_of(hybrid()));
    index.add(second, v2_of(hybrid()));
    EXPECT_FALSE(index.learn(first, v1_of(hybrid()), hybrid()));
    EXPECT_FALSE(index.find(hash::Sha1{1}));
    EXPECT_TRUE(index.learn(second, v2_of(hybrid()), hybrid()));
    EXPECT_EQ(index.find(hash::Sha1{1}), second);
}

class SwarmIndexesTest : public SwarmIndexTest {
  protected:
    SwarmIndexesTest() : SwarmIndexTest(2) {}
};

TEST_F(SwarmIndexesTest, WhatIsClaimedForAnotherSessionIsNotLearned) {
    SwarmIndex one({ledgers, 0});
    SwarmIndex other({ledgers, 1});
    ASSERT_EQ(ledgers.swarms.claim(v1_of(hybrid()), 0), 0U);
    ASSERT_EQ(ledgers.swarms.claim(v2_of(hybrid()), 1), 1U);
    one.add(first, v1_of(hybrid()));
    other.add(second, v2_of(hybrid()));
    EXPECT_FALSE(one.learn(first, v1_of(hybrid()), hybrid()));
    EXPECT_TRUE(other.learn(second, v2_of(hybrid()), hybrid()));
    // Of the first nothing is claimed any more, of the second all.
    one.release(first, v1_of(hybrid()));
    EXPECT_EQ(ledgers.swarms.claim(v1_of(hybrid()), 0), 1U);
    ledgers.swarms.release(v1_of(hybrid()));
    other.release(second, v2_of(hybrid()));
    EXPECT_EQ(ledgers.swarms.claim(hybrid(), 0), 0U);
}

}  // namespace
}  // namespace spate::engine
