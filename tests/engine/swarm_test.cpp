// A swarm over real sockets: what is fetched is what was shared.
#include "tests/engine/swarm_fixture.h"

namespace spate::engine {
namespace {

TEST_F(SwarmTest, OneSeedOneLeecher) {
    const SampleTorrent torrent = sample(3'000'000, 64 << 10);
    Node& seed = node("seed");
    seed.put(torrent);
    seed.add({.what = torrent.metainfo, .on_disk = OnDisk::just_hashed});
    ASSERT_TRUE(run_until([&] { return seed.status().complete(); }));
    Node& leecher = node("leecher");
    leecher.add({.what = torrent.metainfo, .peers = {seed.address()}});
    ASSERT_TRUE(run_until([&] { return leecher.finished(); }));
    EXPECT_TRUE(leecher.has(torrent));
    EXPECT_EQ(leecher.status().bytes_have, 3'000'000U);
    EXPECT_EQ(leecher.status().wasted, 0U);
    EXPECT_THAT(leecher.complaints(), ::testing::IsEmpty());
}

}  // namespace
}  // namespace spate::engine
