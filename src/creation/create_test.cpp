#include "creation/create.h"

#include <gtest/gtest.h>

#include "creation/test_world.h"
#include "hash/merkle.h"
#include "metainfo/geometry.h"

namespace spate::creation {
namespace {

using metainfo::TorrentVersion;

// Bytes of the piece address space, put together the plain way.
std::vector<std::uint8_t> address_space(const metainfo::FileLayout& layout,
                                        const std::vector<TestFile>& files) {
    std::vector<std::uint8_t> all(layout.end());
    for (const auto& file : layout.files()) {
        if (file.attributes.pad) continue;
        const auto found = std::ranges::find_if(
            files, [&](const TestFile& f) { return file.path == "tree/" + f.path || file.path == f.path; });
        std::ranges::copy(found->bytes, all.begin() + static_cast<std::ptrdiff_t>(file.offset));
    }
    return all;
}

hash::Sha256 plain_root(Bytes bytes) {
    std::vector<hash::Sha256> leaves;
    for (; !bytes.empty(); bytes = bytes.subspan(std::min<std::size_t>(bytes.size(), 16384)))
        leaves.push_back(hash::sha256(bytes.first(std::min<std::size_t>(bytes.size(), 16384))));
    std::size_t width = 1;
    while (width < leaves.size()) width *= 2;
    leaves.resize(width);
    for (; leaves.size() > 1; leaves.resize(leaves.size() / 2))
        for (std::size_t i = 0; i < leaves.size() / 2; ++i)
            leaves[i] = hash::parent_hash(leaves[2 * i], leaves[2 * i + 1]);
    return leaves[0];
}

void expect_right_hashes(const std::string& torrent, const std::vector<TestFile>& files) {
    const auto read = metainfo::read_torrent(as_bytes(torrent), metainfo::CaseRule::keep);
    ASSERT_TRUE(read) << read.error().message();
    const auto& layout = read->info.layout;
    const auto all = address_space(layout, files);
    for (metainfo::PieceIndex piece; read->info.has_v1() && piece.value < layout.piece_count(); ++piece) {
        const Bytes bytes = Bytes(all).subspan(layout.piece_offset(piece), layout.piece_size(piece));
        ASSERT_EQ(read->info.v1_piece_hash(piece), hash::sha1(bytes)) << "piece " << piece.value;
    }
    for (const auto& file : layout.files()) {
        if (!read->info.has_v2() || file.attributes.pad || file.size == 0) continue;
        ASSERT_EQ(file.pieces_root, plain_root(Bytes(all).subspan(file.offset, file.size))) << file.path;
    }
}

std::vector<TestFile> mixed_tree(std::uint64_t piece_length, std::uint64_t seed) {
    Rng rng(seed);
    std::vector<TestFile> files;
    const auto add = [&](std::string path, std::uint64_t size) {
        files.push_back(random_file(std::move(path), size, rng));
    };
    add("a empty", 0);
    add("one", 1);
    add("deep/er/down/b", piece_length - 1);
    add("deep/piece", piece_length);
    add("deep/piece and one", piece_length + 1);
    add("many pieces", 20 * piece_length + 5000);
    add("straße/файл", 16384);
    add("z/\u65e5\u672c", 3 * piece_length);
    add("z/empty too", 0);
    for (int i = 0; i < 40; ++i) add("small/" + std::to_string(i), rng.below(3000));
    add("zz", rng.below(piece_length * 2));
    return files;
}

struct Case {
    TorrentVersion version;
    std::uint64_t piece_length;
};
class CreateTest : public ::testing::TestWithParam<Case> {};

TEST_P(CreateTest, HashesOfAMixedTreeAreThoseOfThePlainWay) {
    TestWorld world;
    const auto files = mixed_tree(GetParam().piece_length, GetParam().piece_length);
    world.put_tree("/tree", files);
    const auto created = world.create({.path = "/tree",
                                       .name = "tree",
                                       .version = GetParam().version,
                                       .piece_length = GetParam().piece_length,
                                       .jobs = 3});
    ASSERT_TRUE(created) << created.error().message();
    EXPECT_EQ(created->files, files.size());
    expect_right_hashes(created->torrent, files);
    const auto verified = world.verify(created->torrent, "/tree");
    ASSERT_TRUE(verified) << verified.error().message();
    EXPECT_TRUE(verified->all_good());
    EXPECT_EQ(verified->contradictions, 0U);
}

TEST_P(CreateTest, HashesOfOneFileAreThoseOfThePlainWay) {
    Rng rng(1);
    const auto length = GetParam().piece_length;
    for (const auto size :
         {std::uint64_t{1}, length - 1, length, length + 1, 16 * length, 21 * length + 777}) {
        TestWorld world;
        const std::vector files{random_file("file", size, rng)};
        world.put("/some/file", files[0].bytes);
        const auto created = world.create(
            {.path = "/some/file", .name = "file", .version = GetParam().version, .piece_length = length});
        ASSERT_TRUE(created) << created.error().message();
        EXPECT_EQ(created->total_size, size);
        expect_right_hashes(created->torrent, files);
        const auto verified = world.verify(created->torrent, "/some");
        ASSERT_TRUE(verified);
        EXPECT_TRUE(verified->all_good());
    }
}

INSTANTIATE_TEST_SUITE_P(
    VersionsAndLengths, CreateTest,
    ::testing::Values(Case{TorrentVersion::v1, 16 << 10}, Case{TorrentVersion::v1, 10'007},
                      Case{TorrentVersion::v1, 128 << 10}, Case{TorrentVersion::v2, 16 << 10},
                      Case{TorrentVersion::v2, 64 << 10}, Case{TorrentVersion::v2, 256 << 10},
                      Case{TorrentVersion::hybrid, 16 << 10}, Case{TorrentVersion::hybrid, 128 << 10}));

TEST(CreationTest, PiecesLargerThanAWindow) {
    Rng rng(5);
    TestWorld world;
    const std::vector files{random_file("a", (17 << 20) + 12'345, rng), random_file("b", 3 << 20, rng)};
    world.put_tree("/data/tree", files);
    for (const auto version : {TorrentVersion::v1, TorrentVersion::v2, TorrentVersion::hybrid}) {
        const auto created = world.create(
            {.path = "/data/tree", .name = "tree", .version = version, .piece_length = 16 << 20, .jobs = 16});
        ASSERT_TRUE(created);
        expect_right_hashes(created->torrent, files);
        const auto verified = world.verify(created->torrent, "/data");
        ASSERT_TRUE(verified);
        EXPECT_TRUE(verified->all_good());
    }
}

TEST(CreationTest, WhatItIsToldIsInTheTorrent) {
    TestWorld world;
    world.put("/some/x", {1, 2, 3});
    const auto created = world.create({.path = "/some/x",
                                       .name = "named",
                                       .version = TorrentVersion::hybrid,
                                       .private_torrent = true,
                                       .source = "here",
                                       .trackers = {{"http://a/announce"}, {"udp://b:1"}},
                                       .web_seeds = {"http://w/"},
                                       .creation_date = 1'700'000'000,
                                       .comment = "well",
                                       .created_by = "a test"});
    ASSERT_TRUE(created);
    const auto read = metainfo::read_torrent(as_bytes(created->torrent));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->info.hash, created->hash);
    EXPECT_TRUE(created->hash.is_hybrid());
    EXPECT_EQ(read->info.name, "named");
    EXPECT_TRUE(read->info.private_torrent);
    EXPECT_EQ(read->info.source, "here");
    EXPECT_EQ(read->trackers.size(), 2U);
    EXPECT_EQ(read->web_seeds, std::vector<std::string>{"http://w/"});
    EXPECT_EQ(read->creation_date, 1'700'000'000);
    EXPECT_EQ(read->comment, "well");
    EXPECT_EQ(read->created_by, "a test");
    const auto verified = world.verify(created->torrent, "/some/x");
    ASSERT_TRUE(verified) << "the file itself, whatever it is called";
    EXPECT_TRUE(verified->all_good());
}

std::string folders(int depth) {
    std::string path;
    for (int i = 0; i < depth; ++i) path += "d/";
    return path;
}

TEST(CreationTest, TheDeepestFoldersOfEachVersion) {
    for (const auto version : {TorrentVersion::v1, TorrentVersion::v2, TorrentVersion::hybrid}) {
        TestWorld world;
        const std::vector<TestFile> files{{folders(version == TorrentVersion::v1 ? 99 : 95) + "f", {1, 2}}};
        world.put_tree("/tree", files);
        const auto created = world.create({.path = "/tree", .name = "tree", .version = version});
        ASSERT_TRUE(created) << created.error().message();
        expect_right_hashes(created->torrent, files);
    }
}

struct Refusal {
    std::vector<TestFile> files;
    CreateRequest request;
    std::string message;
};

TEST(CreationTest, RefusesWhatMakesNoTorrent) {
    const std::vector<Refusal> refusals{
        {{}, {.path = "/missing", .name = "n"}, "No such file"},
        {{}, {.path = "/tree", .name = "tree"}, "no bytes"},
        {{{"a", {}}}, {.path = "/tree", .name = "tree"}, "no bytes"},
        {{{"a\xff", {1}}}, {.path = "/tree", .name = "tree"}, "a\\xff"},
        {{{"a\nb", {1}}}, {.path = "/tree", .name = "tree"}, "a\\x0ab"},
        {{{"a", {1}}}, {.path = "/tree", .name = ".."}, "name"},
        {{{"a", {1}}},
         {.path = "/tree", .name = "tree", .version = TorrentVersion::v2, .piece_length = 20'000},
         "piece length"},
        {{{folders(96) + "f", {1}}},
         {.path = "/tree", .name = "tree", .version = TorrentVersion::v2},
         "deeper than 96"},
        {{{folders(100) + "f", {1}}}, {.path = "/tree", .name = "tree"}, "100 folders deep"},
    };
    for (const auto& refusal : refusals) {
        TestWorld world;
        world.put_tree("/tree", refusal.files);
        const auto created = world.create(refusal.request);
        ASSERT_FALSE(created) << refusal.message;
        EXPECT_NE(created.error().message().find(refusal.message), std::string::npos)
            << created.error().message();
    }
}

TEST(CreationTest, ADiskThatFailsIsNamed) {
    for (const std::string operation : {"open", "read"}) {
        TestWorld world;
        world.put_tree("/tree", mixed_tree(16 << 10, 3));
        world.disk.fault = [&](const std::string& what, const std::string& path) {
            return what == operation && path == "/tree/deep/piece" ? EIO : 0;
        };
        const auto created = world.create({.path = "/tree", .name = "tree", .piece_length = 16 << 10});
        ASSERT_FALSE(created);
        EXPECT_TRUE(created.error().is(std::errc::io_error));
        EXPECT_NE(created.error().message().find("deep/piece"), std::string::npos);
    }
}

TEST(CreationTest, AFileThatChangesMeanwhileIsAnErrorNotATorrent) {
    for (const int change : {-1, 1}) {
        for (const int at_read : {1, 5, 30}) {
            TestWorld world;
            world.put_tree("/tree", mixed_tree(16 << 10, 4));
            int reads = 0;
            world.disk.fault = [&](const std::string& what, const std::string&) {
                if (what == "read" && ++reads == at_read) {
                    auto& bytes = world.disk.content("/tree/many pieces");
                    bytes.resize(change < 0 ? bytes.size() / 2 : bytes.size() + 1);
                }
                return 0;
            };
            const auto created = world.create({.path = "/tree", .name = "tree", .piece_length = 16 << 10});
            ASSERT_FALSE(created);
            EXPECT_NE(created.error().message().find("many pieces: it changed"), std::string::npos)
                << created.error().message();
        }
    }
}

TEST(CreationTest, WhatItFoundTellsLaterWhetherItIsStillThat) {
    TestWorld world;
    world.put_tree("/tree", mixed_tree(16 << 10, 4));
    const auto created = world.create({.path = "/tree", .name = "tree", .piece_length = 16 << 10});
    ASSERT_TRUE(created);
    const auto folder = *world.disk.open_folder("/tree", io::IfMissing::fail);
    const std::atomic<bool> stop = false;
    EXPECT_TRUE(check_unchanged(*folder, created->found, stop));
    auto found = created->found;
    ++found.back().modified_ns;  // of the same size
    const auto changed = check_unchanged(*folder, found, stop);
    ASSERT_FALSE(changed);
    EXPECT_NE(changed.error().message().find(found.back().joined()), std::string::npos);
}

TEST(CreationTest, AllNamesThatCannotBeAreToldAtOnce) {
    TestWorld world;
    world.put_tree("/tree", {{"a\xff", {1}}, {"b\nb", {1}}, {"good", {1}}});
    const auto created = world.create({.path = "/tree", .name = "tree"});
    ASSERT_FALSE(created);
    EXPECT_NE(
        created.error().message().find("'a\\xff' is not UTF-8, 'b\\x0ab' holds a control byte; rename them"),
        std::string::npos)
        << created.error().message();
}

TEST(CreationTest, DestroyedAtAnyMomentItCallsNothing) {
    for (int turns = 0; turns < 12; ++turns) {
        TestWorld world;
        world.put_tree("/tree", mixed_tree(16 << 10, 6));
        bool called = false;
        {
            Creation creation(world.disk, world.pool,
                              {.path = "/tree", .name = "tree", .piece_length = 16 << 10, .jobs = 2},
                              [&](const Result<Created>&) { called = true; });
            for (int turn = 0; turn < turns && !called; ++turn) world.pool.run_one();
            if (called) break;
        }
        const auto before = world.disk.operations;
        world.pool.run_all();
        EXPECT_FALSE(called);
        EXPECT_LE(world.disk.operations, before) << "jobs that begin afterwards read nothing";
    }
}

TEST(CreationTest, ProgressEndsAtTheWhole) {
    TestWorld world;
    world.put_tree("/tree", mixed_tree(16 << 10, 7));
    Progress last;
    std::uint64_t total = 0;
    {
        bool done = false;
        Creation creation(world.disk, world.pool, {.path = "/tree", .name = "tree", .piece_length = 16 << 10},
                          [&](const Result<Created>& result) { done = result.has_value(); });
        while (world.pool.run_one()) {
            const auto now = creation.progress();
            EXPECT_GE(now.bytes_done, last.bytes_done);
            last = now;
            total = now.bytes_total;
        }
        EXPECT_TRUE(done);
    }
    EXPECT_GT(total, 0U);
    EXPECT_EQ(last.bytes_done, total);
}

}  // namespace
}  // namespace spate::creation
