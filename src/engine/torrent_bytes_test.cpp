#include "engine/torrent_bytes.h"

#include <gtest/gtest.h>

#include "tests/sample_torrent.h"

namespace spate::engine {
namespace {

using metainfo::TorrentVersion;
using testing::SampleTorrent;

class TorrentBytes : public ::testing::TestWithParam<TorrentVersion> {
  protected:
    SampleTorrent sample() {
        Rng rng(1);
        return SampleTorrent::make("folder", {{"README", 100'000}, {"readme", 70'000}, {"small", 100}},
                                   32 << 10, GetParam(), rng);
    }
};
INSTANTIATE_TEST_SUITE_P(Versions, TorrentBytes,
                         ::testing::Values(TorrentVersion::v1, TorrentVersion::v2, TorrentVersion::hybrid));

TEST_P(TorrentBytes, WhatIsKeptIsWhatWasThere) {
    const auto torrent = sample().metainfo;
    metainfo::Metainfo given =
        metainfo::read_torrent(torrent_bytes(torrent), metainfo::CaseRule::keep).value();
    given.trackers = {{"http://one/announce", "udp://two:1/"}, {"http://three/announce"}};
    const auto read = read_torrent_bytes(torrent_bytes(given));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->info.raw, given.info.raw);
    EXPECT_EQ(read->info.hash, given.info.hash);
    EXPECT_EQ(read->trackers, given.trackers);
    EXPECT_EQ(read->piece_layers.all(), given.piece_layers.all());
    for (std::size_t i = 0; i < given.info.layout.files().size(); ++i)
        EXPECT_EQ(read->info.layout.files()[i].path, given.info.layout.files()[i].path);
}

// After a magnet link by the v1 name nobody asked for the layers.
TEST_P(TorrentBytes, LayersMayBeMissing) {
    metainfo::Metainfo torrent = sample().metainfo;
    torrent.piece_layers = {};
    const auto read = read_torrent_bytes(torrent_bytes(torrent));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->info.hash, torrent.info.hash);
    EXPECT_EQ(read->piece_layers.size(), 0U);
}

TEST(TorrentBytesRead, DamageIsAnError) {
    Rng rng(1);
    const auto torrent =
        SampleTorrent::make("a", {{"", 100'000}}, 32 << 10, TorrentVersion::v2, rng).metainfo;
    auto octets = torrent_bytes(torrent);
    EXPECT_FALSE(read_torrent_bytes(Bytes(octets).first(octets.size() / 2)));
    octets[octets.size() - 10] ^= 1;  // in a layer
    EXPECT_FALSE(read_torrent_bytes(octets));
    EXPECT_FALSE(read_torrent_bytes(as_bytes("de")));
}

}  // namespace
}  // namespace spate::engine
