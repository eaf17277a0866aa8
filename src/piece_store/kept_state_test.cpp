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
    begin_without_first_file(torrent);
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

TEST_F(StoreFixture, APartFileThatWasTakenAwayCostsItsPiecesOnly) {
    const auto torrent = make_torrent(TorrentVersion::v1, {100 * KiB, 10 * KiB, 100 * KiB}, 64 * KiB);
    for (const std::uint32_t selected : {0U, 1U}) {
        StoreOptions options{.wanted = {selected == 0, selected == 1, false}};
        begin(torrent, options);
        for (const std::uint32_t piece : selected == 0 ? std::vector{0U, 1U} : std::vector{1U})
            get_piece(piece);
        options.state = sync(PieceStore::Closing::yes).value();
        forget_store();
        ASSERT_TRUE(disk.open_folder("/data", io::IfMissing::fail).value()->remove(".T.parts"));
        begin(torrent, options);
        ASSERT_TRUE(*opened) << opened->error().message();
        EXPECT_FALSE((*opened)->needs_check);
        EXPECT_THAT((*opened)->gone, ElementsAre("/data/.T.parts"));
        EXPECT_EQ((*opened)->lost, 1U);
        EXPECT_EQ(store->have().count(), selected == 0 ? 1U : 0U);
        ASSERT_TRUE(store->take_baseline());
        store->saved();
        get_piece(1);
        EXPECT_TRUE(events.good(1));
        EXPECT_EQ(on_disk(selected == 0 ? "T/a" : "T/b"), copy_of(torrent.file(selected)));
        ASSERT_TRUE(sync());
        store->remove_files([](Result<void>) {});
        settle();
    }
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

TEST_F(StoreFixture, AFileIsMadeOnceASavedStateMakesItOurs) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB}, 64 * KiB);
    begin(torrent, {.keeps_state = true});
    EXPECT_TRUE(store->waits_for_state());
    get_piece(0);
    EXPECT_FALSE(disk.exists("/data/T"));
    const auto baseline = store->take_baseline();
    ASSERT_TRUE(baseline);
    store->saved();
    settle();
    EXPECT_FALSE(store->waits_for_state());
    EXPECT_TRUE(disk.exists("/data/T"));
    EXPECT_THAT(have(), ElementsAre(0));
    // As after a kill now.
    begin(torrent, {.state = *baseline, .keeps_state = true});
    ASSERT_TRUE(*opened);
    EXPECT_TRUE(!(*opened)->needs_check || check());
}

// Checkpoints may still be saving an older state, as one that could not be saved is tried again.
TEST_F(StoreFixture, BeforeTheFilesAreLookedAtNothingIsSaid) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB}, 64 * KiB);
    begin_unopened(torrent, {.keeps_state = true});
    store->set_on_unsaved([] {});
    EXPECT_FALSE(store->unsynced());
    EXPECT_FALSE(store->take_baseline());
    open();
    EXPECT_TRUE(store->unsynced());
    EXPECT_TRUE(store->take_baseline());
}

TEST_F(StoreFixture, OnlyAStateThatWasMadeSinceEndsTheWait) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB, 256 * KiB}, 64 * KiB);
    begin_without_first_file(torrent);
    disk.change_content("/data/T/b")[0] ^= 1;
    EXPECT_FALSE(read(4, 0, 16 * KiB));
    ASSERT_TRUE(store->take_baseline());  // as it was opened: it claims what was lost since
    store->saved();
    EXPECT_TRUE(store->waits_for_state());
    EXPECT_FALSE(store->take_baseline());
    store->saved();
    EXPECT_TRUE(store->waits_for_state());
    get_piece(0);
    EXPECT_FALSE(disk.exists("/data/T/a"));
    ASSERT_TRUE(sync());
    store->saved();
    EXPECT_FALSE(store->waits_for_state());
}

TEST_F(StoreFixture, ARenameWaitsForAStateThatSaysIt) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB}, 64 * KiB);
    begin(torrent, {.keeps_state = true});
    store->set_on_unsaved([] {});
    std::optional<Result<void>> done;
    const auto rename = [&](const std::string& path) {
        done.reset();
        store->rename_file(metainfo::FileIndex(0), path,
                           [&](Result<void> result) { done = std::move(result); });
        settle();
    };
    rename("other");
    ASSERT_TRUE(store->take_baseline());
    store->saved();
    settle();
    EXPECT_FALSE(done);
    get_piece(0);  // meanwhile it has its old name
    EXPECT_TRUE(disk.exists("/data/T"));
    EXPECT_EQ(sync().value().renaming.size(), 1U);
    store->saved();
    settle();
    ASSERT_TRUE(done && *done);
    EXPECT_TRUE(disk.exists("/data/other"));
    rename("third");
    store->not_saved(Error::system(ENOSPC, "write", "/state/torrents.db"));
    ASSERT_TRUE(done && !*done);
    EXPECT_TRUE(disk.exists("/data/other"));
    EXPECT_TRUE(sync().value().renaming.empty());
}

TEST_F(StoreFixture, WhoGoesWhenAnsweredIsAnsweredNoMore) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB}, 64 * KiB);
    begin(torrent, {.keeps_state = true});
    store->set_on_unsaved([] {});
    int answers = 0;
    const auto answer = [&](const Result<void>&) {
        ++answers;
        store.reset();
    };
    store->rename_file(metainfo::FileIndex(0), "other", answer);
    store->move_to("/elsewhere", {}, answer);
    store->not_saved(Error::system(ENOSPC, "write", "/state/torrents.db"));
    EXPECT_EQ(answers, 1);
    settle();
}

TEST_F(StoreFixture, AFileThatIsThereIsOursWhenAPieceOfItIsRight) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB}, 64 * KiB);
    auto some = torrent.space;
    some[200 * KiB] ^= 1;
    disk.put("/data/T", some);
    static_cast<void>(disk.open_folder("/data", io::IfMissing::make));
    begin(torrent, {.keeps_state = true});
    ASSERT_TRUE((*opened)->needs_check);
    EXPECT_FALSE(store->unsynced());  // it may be somebody else's
    EXPECT_FALSE(store->take_baseline());
    int unsaved = 0;
    store->set_on_unsaved([&] { ++unsaved; });
    ASSERT_TRUE(check());
    EXPECT_GT(unsaved, 0);
    get_piece(3);
    EXPECT_EQ(on_disk("T"), some);
    ASSERT_TRUE(sync());
    store->saved();
    settle();
    EXPECT_EQ(on_disk("T"), torrent.space);
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
    EXPECT_THAT((*opened)->unfinished, ElementsAre(Pair(PieceIndex(1), of_1)));
    // They need not come again, and are claimed on.
    EXPECT_EQ(sync().value().unfinished, state.unfinished);
    ASSERT_TRUE((*opened)->needs_check);
    EXPECT_TRUE(check());
    EXPECT_THAT(have(), ElementsAre(3));
    for (std::uint32_t at = 0; at < 128 * KiB; at += 16 * KiB)
        if (!of_1[at / (16 * KiB)]) put_block(1, at, torrent.piece(1).subspan(at, 16 * KiB));
    store->verify(PieceIndex(1));
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

TEST_F(StoreFixture, AChangeThatSetsTheTimeBackIsFound) {
    const auto torrent = make_torrent(TorrentVersion::v1, {128 * KiB, 128 * KiB}, 64 * KiB);
    begin(torrent);
    get_all();
    const auto state = sync(PieceStore::Closing::yes).value();
    forget_store();
    disk.change_content_secretly("/data/T/b")[0] ^= 1;
    begin(torrent, {.state = state});
    ASSERT_TRUE(*opened);
    EXPECT_THAT(have(), ElementsAre(0, 1));
    EXPECT_TRUE(check());
    EXPECT_THAT(have(), ElementsAre(0, 1, 3));
}

TEST_F(StoreFixture, AFileOfAnotherNameIsReplacedAndNotWrittenInto) {
    const auto torrent = make_torrent(TorrentVersion::v1, {128 * KiB, 128 * KiB}, 64 * KiB);
    auto archived = copy_of(torrent.file(0));
    archived[70 * KiB] ^= 1;  // its second piece is another
    disk.put("/data/T/a", archived);
    disk.link("/data/T/a", "/archive");
    disk.put("/data/T/a~", {1, 2, 3});  // an editor's copy
    static_cast<void>(disk.open_folder("/data", io::IfMissing::make));
    begin(torrent, {.overwrite = true});
    ASSERT_TRUE(*opened);
    EXPECT_TRUE(check());
    EXPECT_THAT(have(), ElementsAre(0));  // what is right is not fetched again
    get_all();
    EXPECT_EQ(on_disk("T/a"), copy_of(torrent.file(0)));
    EXPECT_EQ(disk.content("/archive"), archived);
    EXPECT_EQ(disk.content("/data/T/a~"), (std::vector<std::uint8_t>{1, 2, 3}));
    EXPECT_FALSE(disk.exists("/data/T/.T.parts~"));
}

}  // namespace
}  // namespace spate::piece_store
