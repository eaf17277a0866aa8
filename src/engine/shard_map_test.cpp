#include "engine/shard_map.h"

#include <gtest/gtest.h>

namespace spate::engine {
namespace {

AddTorrent magnet(std::optional<std::uint8_t> v1, std::optional<std::uint8_t> v2 = {}) {
    metainfo::Magnet link;
    if (v1) link.hash.v1 = hash::Sha1{*v1};
    if (v2) link.hash.v2 = hash::Sha256{*v2};
    return {.what = link};
}

class ShardMapTest : public ::testing::Test {
  protected:
    ShardMapTest() { map.begin(3); }
    std::size_t shard_of(const Result<TorrentId>& id) const { return map.at(id.value()).shard; }

    SessionLedgers ledgers{{}, 3};
    ShardMap map{ledgers};
};

TEST_F(ShardMapTest, ANewOneGoesWhereTheFewestAre) {
    std::vector<std::size_t> torrents(3);
    for (std::uint8_t i = 0; i < 9; ++i) ++torrents[shard_of(map.add(magnet(i)))];
    EXPECT_EQ(torrents, std::vector<std::size_t>(3, 3));
    const auto left = map.remove(TorrentId(5));
    ASSERT_TRUE(left);
    EXPECT_EQ(shard_of(map.add(magnet(100))), *left);
    EXPECT_FALSE(map.remove(TorrentId(5)));
    EXPECT_EQ(map.find(TorrentId(5)), nullptr);
}

TEST_F(ShardMapTest, WhatIsThereIsRefusedByAnyOfItsHashes) {
    const auto id = map.add(magnet(1));
    EXPECT_FALSE(map.add(magnet(1, 2)));
    map.learn(id.value(), {.v1 = hash::Sha1{1}, .v2 = hash::Sha256{2}});
    EXPECT_FALSE(map.add(magnet({}, 2)));
    map.remove(id.value());
    EXPECT_TRUE(map.add(magnet({}, 2)));
}

// Its files may still be written to there.
TEST_F(ShardMapTest, OneThatLeavesItsShardComesBackToIt) {
    const auto id = map.add(magnet(1));
    const auto shard = shard_of(id);
    map.remove(id.value());  // and nobody released its claim yet
    ASSERT_TRUE(map.add(magnet(4)));
    EXPECT_EQ(shard_of(map.add(magnet(1, 2))), shard);
}

}  // namespace
}  // namespace spate::engine
