// The first copies of a fresh share: out once, and never at the cost of anybody's getting everything.
#include "tests/engine/swarm_fixture.h"

namespace spate::engine {
namespace {

using std::chrono::seconds;

class FirstCopiesTest : public SwarmTest {
  protected:
    Node& seed(const SampleTorrent& torrent, SuperSeed when = SuperSeed::automatic, std::uint64_t up = 0) {
        Node& node_of_it = node("seed" + std::to_string(number_++));
        node_of_it.put(torrent);
        node_of_it.add({.what = torrent.metainfo,
                        .on_disk = OnDisk::just_hashed,
                        .limits = {.up = up},
                        .super_seed = when});
        EXPECT_TRUE(run_until([&] { return node_of_it.status().complete(); }));
        return node_of_it;
    }
    // Each knows the seed and those before it.
    Node& leecher(const SampleTorrent& torrent) { return leecher(AddTorrent{.what = torrent.metainfo}); }
    Node& leecher(AddTorrent how) {
        how.peers = known_;
        Node& it = node("leecher" + std::to_string(number_++));
        it.add(std::move(how));
        known_.push_back(it.address());
        leechers_.push_back(&it);
        return it;
    }
    bool all_finished() {
        return run_until(
            [&] { return std::ranges::all_of(leechers_, [](Node* one) { return one->finished(); }); });
    }

    std::vector<HostPort> known_;
    std::vector<Node*> leechers_;
    int number_ = 0;
};

TEST_F(FirstCopiesTest, LittleMoreThanOneCopyLeavesTheSeed) {
    const SampleTorrent torrent = sample(12'000'000, 64 << 10);
    Node& source = seed(torrent, SuperSeed::automatic, 4'000'000);
    known_ = {source.address()};
    for (int i = 0; i < 5; ++i) leecher(torrent);
    ASSERT_TRUE(all_finished());
    for (Node* one : leechers_) EXPECT_TRUE(one->has(torrent));
    EXPECT_LT(source.status().uploaded, 12'000'000U * 11 / 10);
}

TEST_F(FirstCopiesTest, ALonePeerNeverWaits) {
    const SampleTorrent torrent = sample(64'000'000, 256 << 10);
    const auto time_of = [&](SuperSeed when) {
        Node& source = seed(torrent, when);
        known_ = {source.address()};
        const TimePoint start = loop_.world().reactor.now();
        Node& one = leecher(torrent);
        EXPECT_TRUE(run_until([&] { return one.finished(); }));
        EXPECT_TRUE(one.has(torrent));
        EXPECT_EQ(one.status().wasted, 0U);
        RecordProperty(
            when == SuperSeed::off ? "off_ms" : "automatic_ms",
            static_cast<int>((loop_.world().reactor.now() - start) / std::chrono::milliseconds(1)));
    };
    time_of(SuperSeed::off);
    time_of(SuperSeed::automatic);
}

TEST_F(FirstCopiesTest, WhoComesLateOrAfterAllIsOverGetsEverything) {
    const SampleTorrent torrent = sample(6'000'000, 32 << 10);
    Node& source = seed(torrent, SuperSeed::on, 3'000'000);
    known_ = {source.address()};
    for (int i = 0; i < 3; ++i) leecher(torrent);
    ASSERT_TRUE(run_until([&] { return source.status().uploaded > 5'500'000; }));
    leecher(torrent);
    ASSERT_TRUE(all_finished());
    for (Node* one : leechers_) one->drop();
    leechers_.clear();
    known_ = {source.address()};
    Node& last = leecher(torrent);
    ASSERT_TRUE(all_finished());
    EXPECT_TRUE(last.has(torrent));
}

TEST_F(FirstCopiesTest, WhatAPeerTakesAwayIsGivenToOthers) {
    const SampleTorrent torrent = sample(6'000'000, 32 << 10);
    Node& source = seed(torrent, SuperSeed::automatic, 3'000'000);
    known_ = {source.address()};
    Node& leaves = leecher({.what = torrent.metainfo, .limits = {.up = 20'000}});
    leecher(torrent);
    leecher(torrent);
    ASSERT_TRUE(run_until([&] { return leaves.status().bytes_have > 1'000'000; }));
    leaves.drop();
    leechers_.erase(leechers_.begin());
    ASSERT_TRUE(all_finished());
    for (Node* one : leechers_) EXPECT_TRUE(one->has(torrent));
}

TEST_F(FirstCopiesTest, WhoWantsOtherPiecesThanItIsShownGetsThem) {
    const SampleTorrent torrent = SampleTorrent::make("folder", {{"a", 40'000'000}, {"b", 100'000}}, 64 << 10,
                                                      metainfo::TorrentVersion::v1, rng_);
    Node& source = seed(torrent);
    known_ = {source.address()};
    Node& picky = leecher({.what = torrent.metainfo,
                           .wants = [](const metainfo::File& file) { return file.path.ends_with("/b"); }});
    ASSERT_TRUE(run_until([&] { return picky.finished(); }));
    EXPECT_LT(source.status().uploaded, 1'000'000U);
}

}  // namespace
}  // namespace spate::engine
