#include "metainfo/torrent_writer.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>

#include "base/rng.h"
#include "hash/merkle.h"
#include "metainfo/limits.h"
#include "metainfo/torrent_reader.h"

namespace spate::metainfo {
namespace {

constexpr std::uint64_t kib = 1 << 10;

hash::Sha256 random_hash(Rng& rng) {
    hash::Sha256 digest;
    for (auto& octet : digest) octet = static_cast<std::uint8_t>(rng.below(256));
    return digest;
}

TorrentHashes made_up_hashes(const NewTorrent& torrent, const FileLayout& layout, Rng& rng) {
    TorrentHashes hashes;
    if (torrent.version != TorrentVersion::v2) {
        hashes.v1_pieces.resize(layout.piece_count());
        for (auto& digest : hashes.v1_pieces) digest = truncated(random_hash(rng));
    }
    if (torrent.version == TorrentVersion::v1) return hashes;
    for (const auto& file : torrent.files) {
        TorrentHashes::FileTree tree;
        if (file.size > 0) tree.root = random_hash(rng);
        if (file.size > torrent.piece_length) {
            for (auto n = units(file.size, torrent.piece_length); n > 0; --n)
                tree.piece_layer.push_back(random_hash(rng));
            tree.root = hash::root_of_layer(tree.piece_layer, piece_layer_height(torrent.piece_length));
        }
        hashes.v2_files.push_back(std::move(tree));
    }
    return hashes;
}

NewTorrent single(TorrentVersion version, std::uint64_t size) {
    NewTorrent torrent;
    torrent.version = version;
    torrent.name = "file.bin";
    torrent.single_file = true;
    torrent.files = {{.path = {"file.bin"}, .size = size}};
    torrent.piece_length = 16 * kib;
    return torrent;
}

NewTorrent random_tree(Rng& rng, TorrentVersion version) {
    static constexpr const char* names[] = {
        "a", "a-b", "b", "\xc3\xbc", "\xe6\xbc\xa2\xe5\xad\x97.txt", ".hidden", "Z", "a b"};
    NewTorrent torrent;
    torrent.version = version;
    torrent.name = "tree";
    torrent.piece_length = (16 * kib) << rng.below(3);
    std::set<std::vector<std::string>> paths, folders;
    for (auto n = 1 + rng.below(12); n > 0; --n) {
        std::vector<std::string> path;
        for (auto depth = 1 + rng.below(4); depth > 0; --depth)
            path.emplace_back(names[rng.below(std::size(names))]);
        bool blocked = folders.contains(path);
        for (std::size_t k = 1; k < path.size(); ++k)
            blocked |= paths.contains({path.begin(), path.begin() + static_cast<long>(k)});
        if (blocked || !paths.insert(path).second) continue;
        for (std::size_t k = 1; k < path.size(); ++k)
            folders.insert({path.begin(), path.begin() + static_cast<long>(k)});
        static constexpr std::uint64_t sizes[] = {0, 1, 16 * kib - 1, 16 * kib, 16 * kib + 1, 200 * kib};
        NewFile file{.path = path, .size = sizes[rng.below(std::size(sizes))]};
        file.attributes.executable = rng.chance(1, 4);
        if (rng.chance(1, 10)) {
            file.size = 0;
            file.attributes = {.symlink = true};
            file.symlink_target = {"a"};
        }
        torrent.files.push_back(std::move(file));
    }
    return torrent;
}

TEST(TorrentWriter, WhatIsWrittenIsReadBack) {
    Rng rng(7);
    for (int round = 0; round < 600; ++round) {
        const auto version = static_cast<TorrentVersion>(round % 3);
        auto torrent = random_tree(rng, version);
        torrent.private_torrent = rng.chance(1, 3);
        torrent.trackers = {{"http://a/", "udp://b:1"}, {"http://c/"}};
        torrent.web_seeds = {"http://seed/"};
        torrent.creation_date = 1'700'000'000;
        torrent.comment = "c";
        torrent.created_by = "spate";
        torrent.source = "s";
        const auto layout = plan_layout(torrent);
        ASSERT_TRUE(layout) << layout.error().message();
        const auto hashes = made_up_hashes(torrent, *layout, rng);
        const auto written = write_torrent(torrent, *layout, hashes);
        const auto read = read_torrent(as_bytes(written.torrent), CaseRule::keep);
        ASSERT_TRUE(read) << read.error().message();
        EXPECT_TRUE(read->warnings.empty());
        EXPECT_EQ(read->info.hash, written.hash);
        EXPECT_EQ(read->trackers, torrent.trackers);
        EXPECT_EQ(read->web_seeds, torrent.web_seeds);
        EXPECT_EQ(read->creation_date, torrent.creation_date);
        EXPECT_EQ(read->comment + read->created_by + read->info.source, "cspates");
        EXPECT_EQ(read->info.private_torrent, torrent.private_torrent);
        ASSERT_EQ(read->info.layout.files().size(), layout->files().size());
        for (std::uint32_t i = 0; i < layout->files().size(); ++i) {
            const File &planned = layout->file(FileIndex(i)), &found = read->info.layout.file(FileIndex(i));
            EXPECT_EQ(found.path, planned.path);
            EXPECT_EQ(found.offset, planned.offset);
            EXPECT_EQ(found.size, planned.size);
            EXPECT_EQ(found.attributes, planned.attributes);
        }
        for (std::uint32_t i = 0; i < hashes.v1_pieces.size(); ++i)
            EXPECT_EQ(read->info.v1_piece_hash(PieceIndex(i)), hashes.v1_pieces[i]);
        std::vector<hash::Sha256> expected, found;
        for (std::size_t i = 0; i < hashes.v2_files.size(); ++i) {
            const auto& tree = hashes.v2_files[i];
            if (tree.piece_layer.empty() && torrent.files[i].size > 0) expected.push_back(tree.root);
            expected.insert(expected.end(), tree.piece_layer.begin(), tree.piece_layer.end());
        }
        for (std::uint32_t i = 0; read->info.has_v2() && i < layout->piece_count(); ++i)
            found.push_back(*read->v2_piece_hash(PieceIndex(i)));
        EXPECT_EQ(found, expected);
    }
}

TEST(TorrentWriter, SingleFilesOfAllVersions) {
    Rng rng(8);
    for (const auto version : {TorrentVersion::v1, TorrentVersion::v2, TorrentVersion::hybrid}) {
        for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1}, 16 * kib, 16 * kib + 1}) {
            auto torrent = single(version, size);
            const auto layout = plan_layout(torrent);
            ASSERT_TRUE(layout);
            const auto written = write_torrent(torrent, *layout, made_up_hashes(torrent, *layout, rng));
            const auto read = read_torrent(as_bytes(written.torrent));
            ASSERT_TRUE(read) << read.error().message();
            EXPECT_TRUE(read->info.single_file);
            EXPECT_EQ(read->info.layout.file(FileIndex(0)).path, "file.bin");
            EXPECT_EQ(read->info.has_v1(), version != TorrentVersion::v2);
            EXPECT_EQ(read->info.has_v2(), version != TorrentVersion::v1);
        }
    }
}

TEST(TorrentWriter, HybridsArePaddedBeforeFilesWithBytes) {
    NewTorrent torrent;
    torrent.name = "t";
    torrent.piece_length = 16 * kib;
    torrent.files = {{.path = {"d"}, .size = 5},
                     {.path = {"a"}, .size = 10},
                     {.path = {"b"}},
                     {.path = {"c"}, .size = 16 * kib}};
    const auto layout = plan_layout(torrent);
    ASSERT_TRUE(layout);
    std::vector<std::string> paths;
    for (const auto& file : layout->files()) paths.push_back(file.path);
    EXPECT_EQ(paths, (std::vector<std::string>{"t/a", "t/b", "t/.pad/16374", "t/c", "t/d"}));
    EXPECT_EQ(torrent.files[3].path[0], "d");
}

TEST(TorrentWriter, RefusesWhatTheReaderWouldRefuseOrRename) {
    const auto refused = [](auto change) {
        auto torrent = single(TorrentVersion::hybrid, 5);
        change(torrent);
        const auto layout = plan_layout(torrent);
        return layout ? std::string() : layout.error().message();
    };
    const auto several = [](NewTorrent& t, std::vector<std::vector<std::string>> paths) {
        t.single_file = false;
        t.files.clear();
        for (auto& path : paths) t.files.push_back({.path = std::move(path), .size = 1});
    };
    EXPECT_EQ(refused([](auto&) {}), "");
    EXPECT_NE(refused([](auto& t) { t.name = "a/b"; }), "");
    EXPECT_NE(refused([](auto& t) { t.name = ""; }), "");
    EXPECT_NE(refused([](auto& t) { t.name = "other"; }), "");
    EXPECT_NE(refused([](auto& t) { t.files.clear(); }), "");
    EXPECT_NE(refused([](auto& t) { t.files.push_back(t.files[0]); }), "");
    for (const std::uint64_t length : {std::uint64_t{0}, 8 * kib, 24 * kib, 2 * piece_length_max})
        EXPECT_EQ(refused([&](auto& t) { t.piece_length = length; }),
                  "piece length: " + std::to_string(length) + " is not allowed");
    EXPECT_EQ(refused([](auto& t) { t.version = TorrentVersion::v1, t.piece_length = 1000; }), "");
    EXPECT_EQ(refused([&](auto& t) { several(t, {{"a"}, {"A"}}); }), "");
    EXPECT_NE(refused([&](auto& t) { several(t, {{"a"}, {"a"}}); }), "");
    EXPECT_NE(refused([&](auto& t) { several(t, {{"a"}, {"a", "b"}}); }), "");
    EXPECT_NE(refused([&](auto& t) { several(t, {{"a\n"}}); }), "");
    EXPECT_NE(refused([&](auto& t) { several(t, {{".."}}); }), "");
    EXPECT_NE(refused([&](auto& t) { several(t, {{}}); }), "");
    EXPECT_NE(refused([](auto& t) { t.files[0].attributes.pad = true; }), "");
    EXPECT_NE(refused([](auto& t) { t.files[0].attributes.symlink = true; }), "");
    // 64 GiB in pieces of 16 KiB: 4 million pieces fit, their hashes in a hybrid do not.
    EXPECT_NE(refused([](auto& t) { t.files[0].size = 64ULL << 30; }), "");
    EXPECT_EQ(refused([](auto& t) { t.files[0].size = 64ULL << 30, t.version = TorrentVersion::v1; }), "");
    EXPECT_NE(refused([](auto& t) { t.files[0].size = (64ULL << 30) + 1, t.version = TorrentVersion::v1; }),
              "");
}

TEST(PieceLayers, OnlyWhatLeadsToTheRootIsKept) {
    Rng rng(9);
    for (const std::uint64_t pieces : {2U, 3U, 4U, 5U, 9U}) {
        std::vector<hash::Sha256> layer;
        std::vector<std::uint8_t> bytes;
        for (std::uint64_t i = 0; i < pieces; ++i) {
            layer.push_back(random_hash(rng));
            bytes.insert(bytes.end(), layer.back().begin(), layer.back().end());
        }
        const std::uint64_t piece_length = 64 * kib;
        const auto root = hash::root_of_layer(layer, piece_layer_height(piece_length));
        const auto size = pieces * piece_length - 5;
        PieceLayers layers;
        const auto add = [&](const std::vector<std::uint8_t>& data) {
            return layers.add(root, size, piece_length, data).has_value();
        };
        auto flipped = bytes;
        flipped[rng.below(flipped.size())] ^= 1;
        EXPECT_FALSE(add(flipped));
        EXPECT_FALSE(add({bytes.begin(), bytes.end() - 32}));
        EXPECT_FALSE(add({bytes.begin(), bytes.end() - 1}));
        auto longer = bytes;
        longer.resize(longer.size() + 32);  // a zero hash more leads to the same root where the tree has room
        EXPECT_FALSE(add(longer));
        EXPECT_FALSE(layers.add(root, size, piece_length / 2, bytes));
        EXPECT_TRUE(layers.find(root).empty());
        EXPECT_TRUE(add(bytes));
        EXPECT_TRUE(std::ranges::equal(layers.find(root), layer));
    }
}

}  // namespace
}  // namespace spate::metainfo
