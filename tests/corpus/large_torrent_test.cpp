// Torrents too large for the tree, made here: what must load, and what must be refused without harm. Times
// are printed, not asserted: "under a second" is for the release build.
#include <cstdio>
#include <ctime>
#include <gtest/gtest.h>

#include "bencode/reader.h"
#include "hash/merkle.h"
#include "metainfo/limits.h"
#include "metainfo/torrent_reader.h"
#include "metainfo/torrent_writer.h"

namespace spate::metainfo {
namespace {

std::string string_of(std::string_view text) {
    return std::to_string(text.size()) + ":" + std::string(text);
}
std::string repeated(std::string_view text, std::size_t times) {
    std::string all;
    all.reserve(text.size() * times);
    for (std::size_t i = 0; i < times; ++i) all += text;
    return all;
}

Result<Metainfo> timed_read(const char* what, const std::string& torrent) {
    const auto start = std::clock();
    auto read = read_torrent(as_bytes(torrent));
    const auto seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    std::printf("%-36s %6.1f MiB %7.3f s %s\n", what, static_cast<double>(torrent.size()) / (1 << 20),
                seconds, read ? "" : read.error().message().c_str());
    return read;
}

std::string v1_of(const std::string& files_or_length, std::uint64_t piece_length, std::size_t pieces) {
    return "d4:infod" + files_or_length + "4:name1:t12:piece lengthi" + std::to_string(piece_length) +
           "e6:pieces" + std::to_string(pieces * 20) + ":" + std::string(pieces * 20, 'h') + "ee";
}

WrittenTorrent written(TorrentVersion version, std::uint32_t files, std::uint64_t size,
                       std::uint64_t piece_length) {
    NewTorrent torrent;
    torrent.version = version;
    torrent.name = "t";
    torrent.piece_length = piece_length;
    for (std::uint32_t i = 0; i < files; ++i)
        torrent.files.push_back(
            {.path = {"folder" + std::to_string(i % 100), "file" + std::to_string(i) + ".dat"},
             .size = size});
    const auto layout = plan_layout(torrent);
    EXPECT_TRUE(layout);
    TorrentHashes hashes;
    if (version != TorrentVersion::v2) hashes.v1_pieces.resize(layout->piece_count());
    for (std::uint32_t i = 0; version != TorrentVersion::v1 && i < files; ++i) {
        TorrentHashes::FileTree tree;
        tree.root[0] = 1;
        if (size > piece_length) {
            tree.piece_layer.resize(units(size, piece_length));
            for (std::size_t k = 0; k < tree.piece_layer.size(); ++k)
                tree.piece_layer[k] = {static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8), 1,
                                       static_cast<std::uint8_t>(k), static_cast<std::uint8_t>(k >> 8)};
            tree.root = hash::root_of_layer(tree.piece_layer, piece_layer_height(piece_length));
        }
        hashes.v2_files.push_back(std::move(tree));
    }
    return write_torrent(torrent, *layout, hashes);
}

TEST(Large, AHundredThousandFiles) {
    for (const auto version : {TorrentVersion::v1, TorrentVersion::v2, TorrentVersion::hybrid}) {
        const auto name = std::string("100,000 files, ") + (version == TorrentVersion::v1   ? "v1"
                                                            : version == TorrentVersion::v2 ? "v2"
                                                                                            : "hybrid");
        const auto torrent = written(version, 100'000, 20'000, 16 << 10);
        const auto read = timed_read(name.c_str(), torrent.torrent);
        ASSERT_TRUE(read);
        EXPECT_EQ(read->info.hash, torrent.hash);
        EXPECT_EQ(read->info.layout.total_size(), 2'000'000'000U);
        EXPECT_TRUE(read->has_all_piece_layers());
    }
}

TEST(Large, TwoMillionPieces) {
    const std::uint64_t size = 2'000'000ULL * (16 << 10);
    const auto v1 = timed_read("2 million pieces, v1",
                               v1_of("6:lengthi" + std::to_string(size) + "e", 16 << 10, 2'000'000));
    ASSERT_TRUE(v1);
    EXPECT_EQ(v1->info.layout.piece_count(), 2'000'000U);
    for (const auto version : {TorrentVersion::v2, TorrentVersion::hybrid}) {
        const auto torrent = written(version, 1, size, 16 << 10);
        const auto read =
            timed_read(version == TorrentVersion::v2 ? "2 million pieces, v2" : "2 million pieces, hybrid",
                       torrent.torrent);
        ASSERT_TRUE(read);
        EXPECT_EQ(read->info.hash, torrent.hash);
        EXPECT_EQ(read->v2_piece_hash(PieceIndex(256))->at(4), 1);
    }
}

TEST(Large, PiecesAtTheLimit) {
    const auto length = [](std::uint64_t bytes) { return "6:lengthi" + std::to_string(bytes) + "e"; };
    EXPECT_TRUE(timed_read("2^22 pieces", v1_of(length(piece_count_max), 1, piece_count_max)));
    const auto beyond =
        timed_read("2^22 + 1 pieces", v1_of(length(piece_count_max + 1), 1, piece_count_max + 1));
    ASSERT_FALSE(beyond);
    EXPECT_EQ(beyond.error().object, "info.piece length");
}

TEST(Large, TorrentBytesAtTheLimit) {
    auto torrent = v1_of("6:lengthi1e", 1, 1);
    torrent.resize(torrent_bytes_max, '\n');
    EXPECT_TRUE(timed_read("128 MiB", torrent));
    torrent += '\n';
    const auto beyond = timed_read("128 MiB + 1", torrent);
    ASSERT_FALSE(beyond);
    EXPECT_EQ(beyond.error().object, "torrent");
}

TEST(Large, NestedTwoHundredThousandDeep) {
    for (const char* open : {"l", "d1:a"}) {
        const auto read = timed_read("200,000 deep", repeated(open, 200'000));
        ASSERT_FALSE(read);
        EXPECT_THAT(read.error().detail, testing::HasSubstr("nested deeper than 100"));
    }
}

TEST(Large, TokensAtTheLimit) {
    const std::string rest = v1_of("6:lengthi1e", 1, 1);
    const auto plus = [&](std::size_t count) {  // keys "info" and "x" with their values, and `count` numbers
        return rest.substr(0, rest.size() - 1) + "1:xl" + repeated("i0e", count) + "ee";
    };
    EXPECT_TRUE(timed_read("a million tokens", plus(1'000'000)));
    const auto base = bencode::Document::parse(as_bytes(plus(0)))->node_count();
    const std::size_t most = bencode::Limits{}.nodes_max - base;
    EXPECT_TRUE(timed_read("8 million tokens", plus(most)));
    const auto beyond = timed_read("one more", plus(most + 1));
    ASSERT_FALSE(beyond);
    EXPECT_THAT(beyond.error().detail, testing::HasSubstr("more than 8000000 values"));
}

TEST(Large, FilesAtTheLimit) {
    const auto files = [](std::size_t count) {
        return "5:filesl" + repeated("d4:attr1:p6:lengthi0ee", count) + "e";
    };
    const auto read = timed_read("a million files", v1_of(files(file_count_max), 1, 0));
    ASSERT_TRUE(read) << read.error().message();
    const auto beyond = timed_read("a million and one", v1_of(files(file_count_max + 1), 1, 0));
    ASSERT_FALSE(beyond);
    EXPECT_EQ(beyond.error().object, "info.files");
}

TEST(Large, ClashesTakeLinearTime) {
    std::string same, numbered, folders;
    for (int i = 0; i < 100'000; ++i) {
        same += "d6:lengthi0e4:pathl4:sameee";
        numbered += "d6:lengthi0e4:pathl" + string_of("same." + std::to_string(i)) + "ee";
        folders += "d6:lengthi0e4:pathl1:a1:" + std::string(1, static_cast<char>('a' + i % 26)) + "ee";
    }
    const auto one = timed_read("100,000 files of one name", v1_of("5:filesl" + same + "e", 1, 0));
    ASSERT_TRUE(one);
    EXPECT_EQ(one->info.layout.files().back().path, "t/same.99999");
    EXPECT_TRUE(
        timed_read("and 100,000 that took the numbers", v1_of("5:filesl" + numbered + same + "e", 1, 0)));
    EXPECT_TRUE(timed_read("26 names 100,000 times", v1_of("5:filesl" + folders + "e", 1, 0)));
}

// A file tree says a long folder name once for all its files: neither time nor memory may grow by their
// product.
TEST(Large, LongFolderNameOverManyFiles) {
    const auto tree = [](const std::string& folder, int files) {
        std::string entries;
        for (int i = 0; i < files; ++i)
            entries += string_of(std::to_string(10'000'000 + i)) + "d0:d6:lengthi0eee";
        return "d4:infod9:file treed" + string_of(folder) + "d" + entries +
               "ee12:meta versioni2e4:name1:t12:piece lengthi16384eee";
    };
    EXPECT_TRUE(timed_read("100,000 files, folder of 20 MB", tree(std::string(20'000'000, 'n'), 100'000)));
    std::string deep = tree("d", 500'000);
    const std::string folder = string_of(std::string(60, 'n'));
    const auto begin = deep.find("1:dd");
    deep.replace(begin, 4, repeated(folder + "d", 60));
    deep.replace(deep.find("12:meta version") - 2, 2, repeated("e", 61));
    const auto read = timed_read("500,000 files, 60 folders deep", deep);
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().detail, testing::HasSubstr("all paths together"));
}

}  // namespace
}  // namespace spate::metainfo
