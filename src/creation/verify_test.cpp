#include "creation/verify.h"

#include <gtest/gtest.h>

#include "creation/test_world.h"

namespace spate::creation {
namespace {

using metainfo::TorrentVersion;
constexpr std::uint64_t piece = 32 << 10;

class VerifyTest : public ::testing::TestWithParam<TorrentVersion> {
  protected:
    VerifyTest() {
        Rng rng(11);
        files = {random_file("a", 5 * piece + 100, rng), random_file("b", 300, rng), random_file("c", 0, rng),
                 random_file("sub/d", 4 * piece, rng)};
        world.put_tree("/data/tree", files);
        auto created = world.create(
            {.path = "/data/tree", .name = "tree", .version = GetParam(), .piece_length = piece, .jobs = 2});
        torrent = created->torrent;
        read = *metainfo::read_torrent(as_bytes(torrent));
    }
    Verified verify(const std::string& path = "/data/tree") {
        auto result = world.verify(torrent, path);
        EXPECT_TRUE(result);
        return std::move(result).value();
    }
    const FileVerdict& verdict(const Verified& verified, const std::string& path) {
        for (std::size_t i = 0; i < verified.files.size(); ++i)
            if (read.info.layout.files()[i].path == "tree/" + path) return verified.files[i];
        ADD_FAILURE() << path;
        return verified.files.front();
    }
    bool aligned() const { return GetParam() != TorrentVersion::v1; }

    TestWorld world;
    std::vector<TestFile> files;
    std::string torrent;
    metainfo::Metainfo read;
};

TEST_P(VerifyTest, FindsTheFolderItselfAndTheFolderThatHoldsIt) {
    EXPECT_TRUE(verify("/data/tree").all_good());
    EXPECT_TRUE(verify("/data").all_good());
    EXPECT_EQ(verify("/data").place, "/data/tree");
}

TEST_P(VerifyTest, AFolderOfTheSameNameInsideDoesNotMislead) {
    world.put("/data/tree/tree/a", {1, 2, 3});
    const auto verified = verify("/data/tree");
    EXPECT_TRUE(verified.all_good());
    EXPECT_EQ(verified.place, "/data/tree");
}

TEST_P(VerifyTest, OneFlippedByteIsFoundInItsPieceAndFile) {
    for (const std::uint64_t at : {std::uint64_t{0}, piece - 1, piece, 3 * piece + 17, 5 * piece - 1}) {
        auto& byte = world.disk.content("/data/tree/a")[at];
        byte ^= 1;
        const auto verified = verify();
        byte ^= 1;
        EXPECT_FALSE(verified.all_good());
        EXPECT_EQ(verified.wrong.count(), 1U);
        EXPECT_TRUE(verified.wrong.has(metainfo::PieceIndex(static_cast<std::uint32_t>(at / piece))));
        EXPECT_EQ(verified.good.count(), verified.good.size() - 1);
        EXPECT_EQ(verdict(verified, "a").state, FileState::damaged);
        EXPECT_EQ(verdict(verified, "a").first_wrong->value, at / piece);
        EXPECT_EQ(verdict(verified, "b").state, FileState::good);
        EXPECT_EQ(verdict(verified, "sub/d").state, FileState::good);
        EXPECT_EQ(verified.contradictions, 0U);
    }
}

TEST_P(VerifyTest, AMissingFileIsMissingAndItsNeighboursAreAtMostUnproven) {
    const auto folder = world.disk.open_folder("/data/tree", io::IfMissing::fail);
    ASSERT_TRUE((*folder)->remove("b"));
    const auto verified = verify();
    EXPECT_EQ(verdict(verified, "b").state, FileState::missing);
    const auto neighbour = aligned() ? FileState::good : FileState::unproven;
    EXPECT_EQ(verdict(verified, "a").state, neighbour);
    EXPECT_EQ(verdict(verified, "sub/d").state, neighbour);
    EXPECT_TRUE(verified.wrong.none());
    EXPECT_EQ(verified.good.count(), verified.good.size() - 1);
}

TEST_P(VerifyTest, SizesThatAreNotTheTorrents) {
    auto& content = world.disk.content("/data/tree/sub/d");
    content.push_back(0);
    auto verified = verify();
    EXPECT_FALSE(verified.all_good());
    EXPECT_TRUE(verified.good.all());
    EXPECT_EQ(verdict(verified, "sub/d").state, FileState::too_long);
    EXPECT_EQ(verdict(verified, "sub/d").size_found, 4 * piece + 1);

    content.resize(4 * piece - 1);
    verified = verify();
    EXPECT_EQ(verdict(verified, "sub/d").state, FileState::too_short);
    EXPECT_EQ(verdict(verified, "sub/d").pieces_wrong, 1U);
    EXPECT_EQ(verified.good.count(), verified.good.size() - 1);

    world.disk.content("/data/tree/c").push_back(1);
    EXPECT_EQ(verdict(verify(), "c").state, FileState::too_long) << "a file that should be empty";
}

TEST_P(VerifyTest, AFolderInAFilesPlaceIsNoFile) {
    const auto folder = world.disk.open_folder("/data/tree", io::IfMissing::fail);
    ASSERT_TRUE((*folder)->remove("b"));
    ASSERT_TRUE((*folder)->make_folder("b"));
    EXPECT_EQ(verdict(verify(), "b").state, FileState::not_a_file);
}

TEST_P(VerifyTest, ADiskThatFailsMarksThatFileAlone) {
    for (const std::string operation : {"open", "read"}) {
        world.disk.fault = [&](const std::string& what, const std::string& path) {
            return what == operation && path == "/data/tree/sub/d" ? EIO : 0;
        };
        const auto verified = verify();
        world.disk.fault = nullptr;
        const auto& file = verdict(verified, "sub/d");
        EXPECT_EQ(file.state, FileState::unreadable);
        ASSERT_TRUE(file.error);
        EXPECT_TRUE(file.error->is(std::errc::io_error));
        EXPECT_EQ(verdict(verified, "a").state, aligned() ? FileState::good : FileState::unproven);
        EXPECT_TRUE(verified.wrong.none());
        EXPECT_LT(verified.good.count(), verified.good.size());
    }
}

TEST_P(VerifyTest, AFileCutShortWhileItIsReadIsUnreadable) {
    world.disk.fault = [&](const std::string& what, const std::string& path) {
        if (what == "read" && path == "/data/tree/a") world.disk.content(path).resize(100);
        return 0;
    };
    const auto verified = verify();
    EXPECT_EQ(verdict(verified, "a").state, FileState::unreadable);
    EXPECT_FALSE(verified.all_good());
}

// The first windows of its only piece were read and hashed by then.
TEST_P(VerifyTest, AFileThatIsLostInTheMiddleOfAPieceIsUnreadable) {
    Rng rng(6);
    const std::vector tree{random_file("big", 3 << 20, rng), random_file("small", 300, rng)};
    for (const bool cut : {true, false}) {
        TestWorld other;
        other.put_tree("/data/one", tree);
        const auto created = other.create(
            {.path = "/data/one", .name = "one", .version = GetParam(), .piece_length = 4 << 20, .jobs = 1});
        ASSERT_TRUE(created);
        int reads = 0;
        other.disk.fault = [&](const std::string& what, const std::string& path) {
            if (what != "read" || path != "/data/one/big" || ++reads < 3) return 0;
            if (!cut) return EIO;
            other.disk.content(path).resize(1 << 20);
            return 0;
        };
        const auto verified = other.verify(created->torrent, "/data");
        ASSERT_TRUE(verified);
        EXPECT_GE(reads, 3);
        EXPECT_EQ(verified->files.front().state, FileState::unreadable);
        EXPECT_FALSE(verified->all_good());
    }
}

TEST_P(VerifyTest, NothingThereIsAllMissing) {
    static_cast<void>(world.disk.open_folder("/empty", io::IfMissing::make));
    const auto verified = verify("/empty");
    EXPECT_TRUE(verified.good.none());
    for (std::size_t i = 0; i < verified.files.size(); ++i)
        if (!read.info.layout.files()[i].attributes.pad) {
            EXPECT_EQ(verified.files[i].state, FileState::missing);
        }
}

TEST_P(VerifyTest, APathThatIsNoPlaceForItIsAnError) {
    EXPECT_FALSE(world.verify(torrent, "/data/nothing"));
}

INSTANTIATE_TEST_SUITE_P(Versions, VerifyTest,
                         ::testing::Values(TorrentVersion::v1, TorrentVersion::v2, TorrentVersion::hybrid));

}  // namespace
}  // namespace spate::creation
