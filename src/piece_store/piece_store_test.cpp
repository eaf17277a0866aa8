#include "piece_store/piece_store.h"

#include <gmock/gmock.h>

#include "piece_store/test_world.h"

namespace spate::piece_store {
namespace {

using metainfo::FileIndex;
using metainfo::PieceIndex;
using metainfo::TorrentVersion;
using ::testing::IsEmpty;
using ::testing::SizeIs;
constexpr std::uint32_t KiB = 1024;

class EveryVersion : public StoreFixture, public ::testing::WithParamInterface<TorrentVersion> {};

INSTANTIATE_TEST_SUITE_P(PieceStore, EveryVersion,
                         ::testing::Values(TorrentVersion::v1, TorrentVersion::v2, TorrentVersion::hybrid),
                         [](const auto& version) {
                             return version.param == TorrentVersion::v1   ? "v1"
                                    : version.param == TorrentVersion::v2 ? "v2"
                                                                          : "hybrid";
                         });

TEST_P(EveryVersion, PiecesComeInAndGoOutAndTheFilesAreRight) {
    const auto torrent = make_torrent(GetParam(), {300 * KiB + 5, 0, 1, 700 * KiB, 64 * KiB}, 64 * KiB);
    begin(torrent);
    ASSERT_TRUE(*opened);
    EXPECT_FALSE((*opened)->needs_check);
    EXPECT_TRUE(store->have().none());
    get_all();
    EXPECT_TRUE(store->have().all());
    for (std::uint32_t i = 0; i < torrent.layout().files().size(); ++i) {
        const auto& file = torrent.layout().file(FileIndex(i));
        if (file.attributes.pad) continue;
        EXPECT_EQ(on_disk(file.path), copy_of(torrent.file(i))) << file.path;
    }
    EXPECT_THAT(disk.names(), SizeIs(5));
    for (std::uint32_t piece = 0; piece < torrent.pieces(); ++piece)
        EXPECT_EQ(read(piece, 0, torrent.layout().piece_size(PieceIndex(piece))).value(),
                  copy_of(torrent.piece(piece)));
}

TEST_P(EveryVersion, AWrongPieceIsNotThereAndItsBlocksAreTold) {
    const auto torrent = make_torrent(GetParam(), {256 * KiB}, 64 * KiB);
    begin(torrent);
    auto wrong = copy_of(torrent.piece(1));
    wrong[40 * KiB] ^= 1;
    put_piece(1, wrong);
    store->verify(PieceIndex(1));
    settle();
    const auto bad = events.verdicts.at(1);
    EXPECT_EQ(bad.outcome, PieceVerdict::Outcome::bad);
    EXPECT_THAT(have(), IsEmpty());
    get_piece(1);
    const auto good = events.verdicts.at(1);
    EXPECT_EQ(good.outcome, PieceVerdict::Outcome::good);
    ASSERT_THAT(bad.blocks, SizeIs(4));
    ASSERT_THAT(good.blocks, SizeIs(4));
    for (std::size_t block = 0; block < 4; ++block)
        EXPECT_EQ(bad.blocks[block] == good.blocks[block], block != 2);
    get_piece(2);
    EXPECT_THAT(events.verdicts.at(2).blocks, IsEmpty());
}

TEST_P(EveryVersion, ACheckFindsWhatIsThere) {
    const auto torrent = make_torrent(GetParam(), {300 * KiB, 5 * KiB, 290 * KiB}, 64 * KiB);
    begin(torrent);
    get_all();
    const auto last = torrent.layout().file(FileIndex(2)).path;
    forget_store();
    disk.change_content("/data/" + torrent.layout().file(FileIndex(0)).path)[100 * KiB] ^= 1;
    begin(torrent);
    EXPECT_TRUE((*opened)->needs_check);
    EXPECT_THAT(have(), IsEmpty());
    ASSERT_TRUE(check());
    EXPECT_EQ(store->have().count(), torrent.pieces() - 1);
    EXPECT_FALSE(store->have().has(PieceIndex(1)));
    get_piece(1);
    EXPECT_TRUE(store->have().all());
}

TEST_P(EveryVersion, ASeedIsTrustedBySize) {
    const auto torrent = make_torrent(GetParam(), {300 * KiB, 5 * KiB}, 64 * KiB);
    begin(torrent);
    get_all();
    begin(torrent, {.trust = Trust::sizes, .read_only = true});
    EXPECT_TRUE(store->have().all());
    EXPECT_FALSE((*opened)->needs_check);
    disk.content("/data/" + torrent.layout().file(FileIndex(0)).path).resize(100);
    begin(torrent, {.trust = Trust::sizes, .read_only = true});
    EXPECT_FALSE(store->have().has(PieceIndex(0)));
}

TEST_F(StoreFixture, AStoreMayGoWhileItsJobsRun) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB}, 64 * KiB);
    begin(torrent);
    put_piece(0, torrent.piece(0));
    store->verify(PieceIndex(0));
    store->sync(PieceStore::Closing::no, [](Result<StoredState>) { FAIL(); });
    store.reset();
    settle();
    EXPECT_THAT(events.verdicts, IsEmpty());
    EXPECT_EQ(resources->budget().used(), 0u);
}

TEST_F(StoreFixture, AReadOnlyStoreMakesNothing) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB}, 64 * KiB);
    begin(torrent, {.read_only = true});
    EXPECT_FALSE(*opened);
    static_cast<void>(disk.open_folder("/data", io::IfMissing::make));
    begin(torrent, {.read_only = true});
    EXPECT_TRUE(*opened);
    get_piece(0);
    EXPECT_TRUE(events.trouble->is(std::errc::read_only_file_system));
    EXPECT_THAT(disk.names(), IsEmpty());
}

}  // namespace
}  // namespace spate::piece_store
