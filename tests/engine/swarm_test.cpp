// Swarms over real sockets: what is fetched is what was shared.
#include "tests/engine/swarm_fixture.h"

namespace spate::engine {
namespace {

using metainfo::TorrentVersion;

Node& seed_of(Node& node, const SampleTorrent& torrent) {
    node.put(torrent);
    node.add({.what = torrent.metainfo, .on_disk = OnDisk::just_hashed});
    return node;
}

metainfo::Magnet magnet_of(const SampleTorrent& torrent) {
    metainfo::Magnet magnet;
    magnet.hash = torrent.metainfo.info.hash;
    return magnet;
}

TEST_F(SwarmTest, OneSeedOneLeecher) {
    const SampleTorrent torrent = sample(3'000'000, 64 << 10);
    Node& seed = seed_of(node("seed"), torrent);
    ASSERT_TRUE(run_until([&] { return seed.status().complete(); }));
    Node& leecher = node("leecher");
    leecher.add({.what = torrent.metainfo, .peers = {seed.address()}});
    ASSERT_TRUE(run_until([&] { return leecher.finished(); }));
    EXPECT_TRUE(leecher.has(torrent));
    EXPECT_EQ(leecher.status().bytes_have, 3'000'000U);
    EXPECT_EQ(leecher.status().wasted, 0U);
    EXPECT_EQ(seed.status().uploaded, leecher.status().downloaded);
    EXPECT_THAT(leecher.complaints(), ::testing::IsEmpty());
}

TEST_F(SwarmTest, LeechersFindEachOtherThroughTheSeed) {
    const SampleTorrent torrent = sample(8'000'000, 32 << 10);
    Node& seed = seed_of(node("seed"), torrent);
    std::vector<Node*> leechers;
    for (int i = 0; i < 6; ++i) {
        leechers.push_back(&node("leecher" + std::to_string(i)));
        leechers.back()->add(
            {.what = torrent.metainfo, .peers = {seed.address()}, .limits = {.down = 1'000'000}});
    }
    const auto all = [&](const auto& holds) { return std::ranges::all_of(leechers, holds); };
    EXPECT_TRUE(run_until([&] { return all([](Node* one) { return one->status().peers_known > 3; }); }));
    ASSERT_TRUE(run_until([&] { return all([](Node* one) { return one->finished(); }); }));
    EXPECT_TRUE(all([&](Node* one) { return one->has(torrent); }));
}

class EachVersion : public SwarmTest, public ::testing::WithParamInterface<TorrentVersion> {};
INSTANTIATE_TEST_SUITE_P(Swarm, EachVersion,
                         ::testing::Values(TorrentVersion::v1, TorrentVersion::v2, TorrentVersion::hybrid));

TEST_P(EachVersion, AFolderByTorrent) {
    const SampleTorrent torrent =
        SampleTorrent::make("folder", {{"a", 100'000}, {"b", 0}, {"c", 1}, {"d", 1'000'000}, {"e", 65'536}},
                            32 << 10, GetParam(), rng_);
    Node& seed = seed_of(node("seed"), torrent);
    Node& leecher = node("leecher");
    leecher.add({.what = torrent.metainfo, .peers = {seed.address()}});
    ASSERT_TRUE(run_until([&] { return leecher.finished(); }));
    EXPECT_TRUE(leecher.has(torrent));
    EXPECT_EQ(leecher.status().bytes_have, 1'165'537U);
}

TEST_P(EachVersion, AFileByMagnet) {
    const SampleTorrent torrent = sample(20'000'000, 16 << 10, GetParam());
    Node& seed = seed_of(node("seed"), torrent);
    Node& leecher = node("leecher");
    leecher.add({.what = magnet_of(torrent), .peers = {seed.address()}});
    ASSERT_TRUE(run_until([&] { return leecher.finished(); }));
    EXPECT_TRUE(leecher.has(torrent));
    EXPECT_TRUE(leecher.session().metainfo_of(leecher.id())->has_all_piece_layers());
}

TEST_P(EachVersion, OnlyWhatIsWanted) {
    SampleTorrent torrent = SampleTorrent::make("folder", {{"a", 100'000}, {"b", 300'000}, {"c", 50'000}},
                                                32 << 10, GetParam(), rng_);
    Node& seed = seed_of(node("seed"), torrent);
    Node& leecher = node("leecher");
    leecher.add({.what = torrent.metainfo,
                 .wants = [](const metainfo::File& file) { return file.path.ends_with("/b"); },
                 .peers = {seed.address()}});
    ASSERT_TRUE(run_until([&] { return leecher.finished(); }));
    EXPECT_FALSE(std::filesystem::exists(leecher.folder() / "folder/a"));
    std::erase_if(torrent.files, [](const auto& file) { return !file.first.ends_with("/b"); });
    EXPECT_TRUE(leecher.has(torrent));
}

TEST_F(SwarmTest, TwoPartialSeedsAreOneWholeOne) {
    const SampleTorrent torrent = sample(2'000'000, 32 << 10);
    Node& seed = seed_of(node("seed"), torrent);
    Node& first = node("first");
    first.add({.what = torrent.metainfo, .part = {0, 50}, .peers = {seed.address()}});
    Node& second = node("second");
    second.add({.what = torrent.metainfo, .part = {50, 100}, .peers = {seed.address()}});
    ASSERT_TRUE(run_until([&] { return first.finished() && second.finished(); }));
    EXPECT_LT(first.status().pieces_have, first.status().pieces_total);
    seed.drop();
    Node& leecher = node("leecher");
    leecher.add({.what = torrent.metainfo, .peers = {first.address(), second.address()}});
    ASSERT_TRUE(run_until([&] { return leecher.finished(); }));
    EXPECT_TRUE(leecher.has(torrent));
}

TEST_F(SwarmTest, WhoSendsWrongBytesIsBannedAndNobodyElse) {
    const SampleTorrent torrent = sample(4'000'000, 64 << 10);
    SampleTorrent false_one = torrent;
    for (auto& [path, bytes] : false_one.files)
        for (std::size_t at = 0; at < bytes.size(); at += 16'384) bytes[at] ^= 1;
    Node& liar = seed_of(node("liar"), false_one);
    Node& seed = seed_of(node("seed"), torrent);
    Node& leecher = node("leecher");
    leecher.add({.what = torrent.metainfo, .peers = {liar.address(), seed.address()}});
    ASSERT_TRUE(run_until([&] { return leecher.finished(); }));
    EXPECT_TRUE(leecher.has(torrent));
    EXPECT_EQ(leecher.status().peers_banned, 1U);
}

TEST_F(SwarmTest, GoesOnWhereItWasKilled) {
    const SampleTorrent torrent = sample(6'000'000, 64 << 10);
    Node& seed = seed_of(node("seed"), torrent);
    SessionOptions options;
    options.state_folder = (folder_ / "state").string();
    Node& before = node("leecher", options);
    before.add({.what = torrent.metainfo, .peers = {seed.address()}, .limits = {.down = 600'000}});
    ASSERT_TRUE(run_until([&] { return before.status().bytes_have > 3'000'000; }));
    before.drop();
    Node& after = node("leecher", options);
    after.add({.what = torrent.metainfo, .peers = {seed.address()}, .limits = {.down = 600'000}});
    ASSERT_TRUE(run_until([&] { return after.status().state == TorrentState::downloading; }));
    EXPECT_GT(after.status().bytes_have, 500'000U);  // the last checkpoint is at most a few seconds old
    EXPECT_EQ(after.checks(), 0);
    ASSERT_TRUE(run_until([&] { return after.finished(); }));
    EXPECT_TRUE(after.has(torrent));
}

TEST_F(SwarmTest, FilesWithoutAnyStateAreHashed) {
    const SampleTorrent torrent = sample(1'000'000, 64 << 10);
    Node& seed = node("seed");
    seed.put(torrent);
    seed.add({.what = torrent.metainfo});
    ASSERT_TRUE(run_until([&] { return seed.finished(); }));
    EXPECT_EQ(seed.checks(), 1);
    EXPECT_EQ(seed.status().downloaded, 0U);
}

TEST_F(SwarmTest, StopLeavesEverybody) {
    const SampleTorrent torrent = sample(3'000'000, 64 << 10);
    Node& seed = seed_of(node("seed"), torrent);
    Node& leecher = node("leecher");
    leecher.add({.what = torrent.metainfo, .peers = {seed.address()}, .limits = {.down = 200'000}});
    ASSERT_TRUE(run_until([&] { return seed.status().peers == 1; }));
    bool stopped = false;
    leecher.session().stop([&] { stopped = true; });
    EXPECT_TRUE(run_until([&] { return stopped && seed.status().peers == 0; }));
    EXPECT_EQ(leecher.status().state, TorrentState::stopped);
}

}  // namespace
}  // namespace spate::engine
