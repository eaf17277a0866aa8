#include "tracker/probe_plan.h"

#include <gtest/gtest.h>
#include <set>

#include "hash/merkle.h"
#include "metainfo/torrent_reader.h"
#include "metainfo/torrent_writer.h"

namespace spate::tracker {
namespace {

constexpr std::uint64_t piece_length = 32 << 10;

struct Made {
    std::vector<std::uint8_t> data;
    metainfo::Metainfo torrent;
};

Made make(std::uint64_t size, metainfo::TorrentVersion version) {
    Made made;
    Rng rng(size);
    made.data.resize(size);
    for (auto& octet : made.data) octet = static_cast<std::uint8_t>(rng.below(256));
    metainfo::NewTorrent torrent;
    torrent.version = version;
    torrent.name = "f";
    torrent.single_file = true;
    torrent.piece_length = piece_length;
    torrent.files.push_back({{"f"}, size, {}, {}});
    const auto layout = metainfo::plan_layout(torrent).value();
    metainfo::TorrentHashes hashes;
    hash::MerkleBuilder tree(metainfo::piece_layer_height(piece_length));
    for (std::size_t at = 0; at < size; at += piece_length)
        hashes.v1_pieces.push_back(
            hash::sha1(Bytes(made.data).subspan(at, std::min<std::size_t>(piece_length, size - at))));
    for (std::size_t at = 0; at < size; at += hash::kLeafSize) {
        const auto leaf =
            hash::sha256(Bytes(made.data).subspan(at, std::min<std::size_t>(hash::kLeafSize, size - at)));
        tree.add({&leaf, 1});
    }
    const auto finished = tree.finish();
    if (version == metainfo::TorrentVersion::v1)
        hashes.v2_files.clear();
    else
        hashes.v2_files.push_back({finished.root, finished.piece_layer});
    if (version == metainfo::TorrentVersion::v2) hashes.v1_pieces.clear();
    const auto written = metainfo::write_torrent(torrent, layout, hashes);
    made.torrent = metainfo::read_torrent(as_bytes(written.torrent)).value();
    return made;
}

TEST(ProbePlan, ThePiecesOfTheFileAreRightAndNoOthers) {
    using enum metainfo::TorrentVersion;
    for (const auto version : {v1, v2, hybrid}) {
        for (const std::uint64_t size : {1U, 16384U, 16385U, 32768U, 32769U, 100'000U, 1'000'000U}) {
            const auto made = make(size, version);
            Rng rng(size);
            const auto plan = plan_probe(made.torrent, rng);
            ASSERT_TRUE(plan) << size;
            EXPECT_TRUE(made.torrent.info.hash.matches(plan->swarm));
            std::set<std::uint32_t> seen;
            std::uint64_t bytes = 0;
            for (const auto& piece : plan->pieces) {
                EXPECT_TRUE(seen.insert(piece.index.value).second);
                bytes += piece.size;
                const auto at = piece.index.value * piece_length;
                auto content = std::vector<std::uint8_t>(
                    made.data.begin() + static_cast<std::ptrdiff_t>(at),
                    made.data.begin() + static_cast<std::ptrdiff_t>(std::min(size, at + piece_length)));
                EXPECT_TRUE(piece.is(content)) << size;
                content.back() ^= 1;
                EXPECT_FALSE(piece.is(content));
                content.pop_back();
                EXPECT_FALSE(piece.is(content));
            }
            EXPECT_EQ(plan->pieces.size(), std::min<std::size_t>(probed_pieces_max, plan->piece_count));
            EXPECT_LE(bytes, probed_bytes_max);
        }
    }
}

}  // namespace
}  // namespace spate::tracker
