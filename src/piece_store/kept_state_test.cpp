// What is believed after a restart.
#include <gmock/gmock.h>

#include "piece_store/piece_store.h"
#include "piece_store/test_world.h"

namespace spate::piece_store {
namespace {

using metainfo::PieceIndex;
using metainfo::TorrentVersion;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::Pair;
using ::testing::SizeIs;
constexpr std::uint32_t KiB = 1024;

TEST_F(StoreFixture, AStateIsTrustedWhereItFitsTheFiles) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB, 256 * KiB}, 64 * KiB);
    begin(torrent);
    get_piece(0);
    get_piece(4);
    const auto state = sync(PieceStore::Closing::yes).value();
    begin(torrent, {.state = state});
    EXPECT_FALSE((*opened)->needs_check);
    EXPECT_THAT(have(), ElementsAre(0, 4));
    forget_store();
    disk.change_content("/data/T/b")[0] ^= 1;
    begin(torrent, {.state = state});
    EXPECT_TRUE((*opened)->needs_check);
    EXPECT_THAT(have(), ElementsAre(0));
    ASSERT_TRUE(check());
    EXPECT_THAT(have(), ElementsAre(0));
}

TEST_F(StoreFixture, AfterAKillInTheMiddleNothingIsCheckedAgain) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB}, 64 * KiB);
    begin(torrent);
    get_piece(0);
    const auto state = sync().value();
    get_piece(1);  // written, and the process is gone before it is said
    begin(torrent, {.state = state});
    EXPECT_FALSE((*opened)->needs_check);
    EXPECT_THAT(have(), ElementsAre(0));
}

TEST_F(StoreFixture, AFileThatVanishedIsFetchedAgain) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB, 256 * KiB}, 64 * KiB);
    begin(torrent);
    get_all();
    const auto state = sync(PieceStore::Closing::yes).value();
    forget_store();
    ASSERT_TRUE(disk.open_folder("/data", io::IfMissing::fail).value()->remove("T/a"));
    begin(torrent, {.state = state});
    EXPECT_FALSE((*opened)->needs_check);
    EXPECT_THAT(have(), ElementsAre(4, 5, 6, 7));
    // Nothing is written while the saved state claims what is not there.
    get_piece(0);
    EXPECT_FALSE(disk.exists("/data/T/a"));
    const auto baseline = store->take_baseline();
    ASSERT_TRUE(baseline);
    EXPECT_EQ(baseline->have.count(), 4u);
    store->saved();
    settle();
    EXPECT_THAT(have(), ElementsAre(0, 4, 5, 6, 7));
    get_all();
    EXPECT_EQ(on_disk("T/a"), copy_of(torrent.file(0)));
}

TEST_F(StoreFixture, AFileThatWasBegunJustBeforeAKillIsOurs) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB, 256 * KiB}, 64 * KiB);
    begin(torrent);
    const auto baseline = store->take_baseline();
    ASSERT_TRUE(baseline);
    put_block(0, 0, torrent.piece(0).first(16 * KiB));
    ASSERT_TRUE(sync(PieceStore::Closing::yes));  // and nothing of it was saved
    begin(torrent, {.state = *baseline});
    ASSERT_TRUE(*opened);
    EXPECT_TRUE(!(*opened)->needs_check || check());
    get_all();
    EXPECT_TRUE(store->have().all());
}

TEST_F(StoreFixture, BlocksOfUnfinishedPiecesAreKept) {
    const auto torrent = make_torrent(TorrentVersion::v1, {200 * KiB, 200 * KiB}, 128 * KiB);
    begin(torrent);
    for (const std::uint32_t at : {0U, 48 * KiB}) put_block(1, at, torrent.piece(1).subspan(at, 16 * KiB));
    put_block(3, 0, torrent.piece(3));  // the last, short one
    reactor.advance(std::chrono::seconds(1));
    const auto state = sync().value();
    begin(torrent, {.state = read_state(write_state(state), torrent.layout())});
    const std::vector<bool> of_1{true, false, false, true, false, false, false, false};
    EXPECT_THAT((*opened)->unfinished,
                ElementsAre(Pair(PieceIndex(1), of_1), Pair(PieceIndex(3), SizeIs(1))));
    // They need not come again, and are claimed on.
    EXPECT_EQ(sync().value().unfinished, state.unfinished);
    for (std::uint32_t at = 0; at < 128 * KiB; at += 16 * KiB)
        if (!of_1[at / (16 * KiB)]) put_block(1, at, torrent.piece(1).subspan(at, 16 * KiB));
    store->verify(PieceIndex(1));
    store->verify(PieceIndex(3));
    settle();
    EXPECT_THAT(have(), ElementsAre(1, 3));
    EXPECT_THAT(sync().value().unfinished, IsEmpty());
}

TEST_F(StoreFixture, BlocksOfAFileThatWasChangedAreNotKept) {
    const auto torrent = make_torrent(TorrentVersion::v1, {200 * KiB, 200 * KiB}, 128 * KiB);
    begin(torrent);
    put_block(0, 0, torrent.piece(0).first(16 * KiB));
    put_block(2, 0, torrent.piece(2).first(16 * KiB));
    const auto state = sync(PieceStore::Closing::yes).value();
    EXPECT_THAT(state.unfinished, SizeIs(2));
    forget_store();
    disk.change_content("/data/T/a")[0] ^= 1;
    begin(torrent, {.state = state});
    EXPECT_THAT((*opened)->unfinished, ElementsAre(Key(PieceIndex(2))));
}

}  // namespace
}  // namespace spate::piece_store
