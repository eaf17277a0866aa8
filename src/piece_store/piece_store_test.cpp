#include "piece_store/piece_store.h"

#include <gmock/gmock.h>

#include "piece_store/test_world.h"

namespace spate::piece_store {
namespace {

using metainfo::FileIndex;
using metainfo::PieceIndex;
using metainfo::TorrentVersion;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Taken = PieceStore::Taken;
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

TEST_F(StoreFixture, FragmentsMakeBlocks) {
    const auto torrent = make_torrent(TorrentVersion::v1, {50 * KiB}, 32 * KiB);
    begin(torrent);
    const auto piece = torrent.piece(0);
    const auto write = [&](std::uint32_t at, std::uint32_t size) {
        return store->write(Source(1), PieceIndex(0), at, piece.subspan(at, size));
    };
    EXPECT_EQ(write(0, 1), Taken::part);
    EXPECT_EQ(write(1, 10'000), Taken::part);
    EXPECT_EQ(write(16 * KiB, 16 * KiB), Taken::block);
    EXPECT_EQ(write(10'001, 6'383), Taken::block);
    EXPECT_EQ(write(10'001, 6'383), Taken::dropped);
    store->verify(PieceIndex(0));
    EXPECT_EQ(write(0, 10), Taken::dropped);
    settle();
    EXPECT_TRUE(events.good(0));
    EXPECT_EQ(write(0, 16 * KiB), Taken::dropped);
    // Its last block is short.
    EXPECT_EQ(store->write(Source(1), PieceIndex(1), 16 * KiB, torrent.piece(1).subspan(16 * KiB)),
              Taken::block);
}

TEST_F(StoreFixture, BytesOfOneBlockFromTwoSourcesAreNeverMixed) {
    const auto torrent = make_torrent(TorrentVersion::v1, {16 * KiB}, 16 * KiB);
    const auto good = torrent.piece(0);
    std::vector<std::uint8_t> bad(16 * KiB, 7);
    begin(torrent);
    EXPECT_EQ(store->write(Source(1), PieceIndex(0), 0, Bytes(bad).first(9'000)), Taken::part);
    EXPECT_EQ(store->write(Source(2), PieceIndex(0), 0, good.first(5'000)), Taken::part);
    EXPECT_EQ(store->write(Source(1), PieceIndex(0), 9'000, Bytes(bad).subspan(9'000, 1'000)), Taken::part);
    EXPECT_EQ(store->write(Source(2), PieceIndex(0), 5'000, good.subspan(5'000)), Taken::block);
    EXPECT_EQ(store->write(Source(1), PieceIndex(0), 10'000, Bytes(bad).subspan(10'000)), Taken::dropped);
    store->verify(PieceIndex(0));
    settle();
    EXPECT_TRUE(events.good(0));
}

TEST_F(StoreFixture, WhatAPeerBeganIsForgottenWithIt) {
    const auto torrent = make_torrent(TorrentVersion::v1, {16 * KiB}, 16 * KiB);
    begin(torrent);
    put_block(0, 0, torrent.piece(0).first(9'000), Source(1));
    store->forget(Source(1));
    EXPECT_EQ(store->write(Source(1), PieceIndex(0), 9'000, torrent.piece(0).subspan(9'000)), Taken::dropped);
    EXPECT_EQ(store->write(Source(2), PieceIndex(0), 0, torrent.piece(0)), Taken::block);
}

TEST_F(StoreFixture, ManyPiecesAreOneBatchWhenTheyComeQuickly) {
    const auto torrent = make_torrent(TorrentVersion::v1, {64 * 16 * KiB}, 16 * KiB);
    begin(torrent);
    for (std::uint32_t piece = 0; piece < 64; ++piece) {
        put_piece(piece, torrent.piece(piece));
        store->verify(PieceIndex(piece));
    }
    settle();
    EXPECT_TRUE(store->have().all());
    EXPECT_LT(events.batches, 40u);
}

TEST_F(StoreFixture, HurryDoesNotWaitForCompany) {
    const auto torrent = make_torrent(TorrentVersion::v1, {64 * 16 * KiB}, 16 * KiB);
    begin(torrent);
    for (std::uint32_t piece = 0; piece < 60; ++piece) {
        put_piece(piece, torrent.piece(piece));
        store->verify(PieceIndex(piece));
        pool.settle();
    }
    store->hurry();
    pool.settle();
    store->hurry();
    pool.settle();
    EXPECT_EQ(store->have().count(), 60u);
}

TEST_F(StoreFixture, UnfinishedPiecesNeverHoldMoreThanHalfOfTheBudget) {
    resources = std::make_unique<Resources>(world, ResourceLimits{.write_bytes = 2 << 20});
    const auto torrent = make_torrent(TorrentVersion::v1, {12 << 20}, 512 * KiB);
    begin(torrent);
    std::size_t most = 0;
    for (std::uint32_t block = 0; block < 32; ++block) {  // all pieces at once, a block of each
        for (std::uint32_t piece = 0; piece < torrent.pieces(); ++piece) {
            const auto at = block * 16 * KiB;
            put_block(piece, at, torrent.piece(piece).subspan(at, 16 * KiB));
            most = std::max(most, resources->budget().used());
            pool.settle();
        }
    }
    EXPECT_LE(most, (2U << 20) / 2 + 2 * 256 * KiB);
    for (std::uint32_t piece = 0; piece < torrent.pieces(); ++piece) store->verify(PieceIndex(piece));
    settle();
    EXPECT_TRUE(store->have().all());
    EXPECT_EQ(on_disk("T"), torrent.space);
    EXPECT_EQ(resources->budget().used(), 0u);
}

TEST_F(StoreFixture, AFullBudgetStopsReadingAndSpaceIsTold) {
    resources = std::make_unique<Resources>(world, ResourceLimits{.write_bytes = 1 << 20});
    const auto torrent = make_torrent(TorrentVersion::v1, {4 << 20}, 256 * KiB);
    begin(torrent);
    int told = 0;
    resources->budget().set_on_space([&] { ++told; });
    std::uint32_t piece = 0;
    for (; resources->budget().accepting(); ++piece) {
        put_piece(piece, torrent.piece(piece));
        store->verify(PieceIndex(piece));
    }
    EXPECT_EQ(piece, 4u);
    settle();
    EXPECT_EQ(told, 1);
    EXPECT_TRUE(resources->budget().accepting());
}

TEST_F(StoreFixture, CachedIsWhatWasReadAndWhatFollows) {
    const auto torrent = make_torrent(TorrentVersion::v1, {4 << 20}, 2 << 20);
    begin(torrent);
    get_all();
    EXPECT_FALSE(store->cached(PieceIndex(0), 0, 16 * KiB));
    ASSERT_TRUE(read(0, 0, 16 * KiB));
    for (const std::uint32_t at : {16 * KiB, 256 * KiB, 1008 * KiB}) {
        const auto view = store->cached(PieceIndex(0), at, 16 * KiB);
        ASSERT_TRUE(view) << at;
        EXPECT_EQ(copy_of(view->bytes()), copy_of(torrent.piece(0).subspan(at, 16 * KiB)));
    }
    EXPECT_FALSE(store->cached(PieceIndex(0), 1024 * KiB, 16 * KiB));
    EXPECT_FALSE(store->cached(PieceIndex(1), 0, 16 * KiB));
    // In the middle of a window: that one alone.
    ASSERT_TRUE(read(1, 16 * KiB, 16 * KiB));
    EXPECT_TRUE(store->cached(PieceIndex(1), 0, 16 * KiB));
    EXPECT_FALSE(store->cached(PieceIndex(1), 256 * KiB, 16 * KiB));
}

TEST_F(StoreFixture, WindowsStayWithinTheirCap) {
    resources = std::make_unique<Resources>(world, ResourceLimits{.window_bytes = 1 << 20});
    const auto torrent = make_torrent(TorrentVersion::v1, {4 << 20}, 256 * KiB);
    begin(torrent);
    get_all();
    for (std::uint32_t piece = 0; piece < 16; ++piece) ASSERT_TRUE(read(piece, 0, 16 * KiB));
    EXPECT_FALSE(store->cached(PieceIndex(12), 0, 16 * KiB));  // a quarter is for those on their way
    EXPECT_TRUE(store->cached(PieceIndex(13), 0, 16 * KiB));
    EXPECT_TRUE(store->cached(PieceIndex(15), 0, 16 * KiB));
}

TEST_F(StoreFixture, WhoAsksForAWindowThatIsBeingReadAheadWaitsForIt) {
    const auto torrent = make_torrent(TorrentVersion::v1, {2 << 20}, 2 << 20);
    begin(torrent);
    get_all();
    std::vector<std::vector<std::uint8_t>> got;
    for (const std::uint32_t offset : {0 * KiB, 256 * KiB, 512 * KiB, 256 * KiB})
        store->read(PieceIndex(0), offset, 16 * KiB, [&](Result<BlockView> view) {
            ASSERT_TRUE(view);
            got.push_back(copy_of(view->bytes()));
        });
    settle();
    ASSERT_EQ(got.size(), 4U);
    EXPECT_EQ(got[0], copy_of(torrent.piece(0).subspan(0, 16 * KiB)));
}

TEST_F(StoreFixture, BlocksAcrossWindowsAndOddRangesAreRight) {
    const auto torrent = make_torrent(TorrentVersion::v1, {3 << 20}, 3 << 20);
    begin(torrent);
    get_all();
    for (const auto& [offset, length] : {std::pair<std::uint32_t, std::uint32_t>{1024 * KiB - 5, 10},
                                         {2048 * KiB - 64 * KiB, 128 * KiB},
                                         {3 * 1024 * KiB - 1, 1},
                                         {7, 100'000}}) {
        EXPECT_EQ(read(0, offset, length).value(), copy_of(torrent.piece(0).subspan(offset, length)));
        const auto again = store->cached(PieceIndex(0), offset, length);
        if (!again) continue;
        EXPECT_EQ(copy_of(again->bytes()), copy_of(torrent.piece(0).subspan(offset, length)));
    }
}

TEST_F(StoreFixture, AFileThatSomebodyChangedIsNotServedAnyMore) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB, 256 * KiB}, 64 * KiB);
    begin(torrent);
    get_all();
    ASSERT_TRUE(sync(PieceStore::Closing::yes));
    ASSERT_TRUE(read(0, 0, 10));
    disk.change_content("/data/T/a")[3] ^= 1;
    EXPECT_TRUE(store->cached(PieceIndex(0), 0, 10));  // as it was
    EXPECT_FALSE(read(1, 0, 10));
    EXPECT_FALSE(store->cached(PieceIndex(0), 0, 10));
    EXPECT_THAT(events.lost, ElementsAre(0, 1, 2, 3));
    EXPECT_THAT(events.reason, HasSubstr("changed"));
    EXPECT_THAT(have(), ElementsAre(4, 5, 6, 7));
    EXPECT_TRUE(read(4, 0, 10));
    EXPECT_FALSE(read(0, 0, 10));
}

TEST_F(StoreFixture, AnUnreadablePieceIsLostAlone) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB}, 64 * KiB);
    begin(torrent);
    get_all();
    disk.fault = [](const std::string& operation, const std::string&) {
        return operation == "read" ? EIO : 0;
    };
    EXPECT_TRUE(read(2, 0, 10).error().is(std::errc::io_error));
    EXPECT_THAT(events.lost, ElementsAre(2));
    disk.fault = {};
    get_piece(2);
    EXPECT_TRUE(read(2, 0, 10));
}

TEST_F(StoreFixture, AFullDiskIsTheVerdictAndItGoesOnAfterwards) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB}, 64 * KiB);
    begin(torrent);
    disk.fault = [](const std::string& operation, const std::string&) {
        return operation == "write" ? ENOSPC : 0;
    };
    get_piece(0);
    EXPECT_EQ(events.verdicts.at(0).outcome, PieceVerdict::Outcome::error);
    EXPECT_TRUE(events.verdicts.at(0).error->is(std::errc::no_space_on_device));
    EXPECT_THAT(have(), IsEmpty());
    disk.fault = {};
    get_all();
    EXPECT_TRUE(store->have().all());
}

TEST_F(StoreFixture, AfterAFailedSyncWhatItWasForIsLost) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB, 256 * KiB}, 64 * KiB);
    begin(torrent);
    get_piece(0);
    ASSERT_TRUE(sync());
    get_piece(1);
    get_piece(5);
    disk.fault = [](const std::string& operation, const std::string& path) {
        return operation == "sync" && path.ends_with("/a") ? EIO : 0;
    };
    EXPECT_FALSE(sync());
    EXPECT_THAT(events.lost, ElementsAre(1));
    EXPECT_THAT(have(), ElementsAre(0, 5));
    disk.fault = {};
    EXPECT_TRUE(store->unsynced());
    const auto state = sync();
    ASSERT_TRUE(state);
    EXPECT_EQ(state->have.count(), 2u);
}

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

TEST_F(StoreFixture, AFileThatIsTakenAwayWhileItComesIsNotCalledDone) {
    const auto torrent = make_torrent(TorrentVersion::v1, {128 * KiB}, 64 * KiB);
    begin(torrent);
    get_piece(0);
    ASSERT_TRUE(disk.open_folder("/data", io::IfMissing::fail).value()->remove("T"));
    get_piece(1);
    EXPECT_FALSE(sync());
    EXPECT_THAT(events.lost, ElementsAre(0, 1));
    get_all();
    EXPECT_TRUE(sync());
    EXPECT_EQ(on_disk("T"), torrent.space);
}

TEST_F(StoreFixture, UnwantedFilesTouchNoDiskButThePartFile) {
    const auto torrent = make_torrent(TorrentVersion::v1, {100 * KiB, 100 * KiB, 100 * KiB}, 64 * KiB);
    const std::vector<bool> wanted{true, false, true};
    begin(torrent, {.wanted = wanted});
    for (const std::uint32_t piece : {0U, 1U, 3U, 4U}) get_piece(piece);
    EXPECT_THAT(disk.names(), ElementsAre("/data/.T.parts", "/data/T/a", "/data/T/c"));
    EXPECT_EQ(on_disk("T/a"), copy_of(torrent.file(0)));
    EXPECT_EQ(on_disk("T/c"), copy_of(torrent.file(2)));
    EXPECT_EQ(read(1, 0, 64 * KiB).value(), copy_of(torrent.piece(1)));
    const auto state = sync(PieceStore::Closing::yes).value();
    begin(torrent, {.wanted = wanted, .state = state});
    EXPECT_THAT(have(), ElementsAre(0, 1, 3, 4));

    // Wanted after all, now or at the next start.
    begin(torrent, {.state = state});
    EXPECT_THAT(have(), ElementsAre(0, 1, 3, 4));
    get_all();
    EXPECT_EQ(on_disk("T/b"), copy_of(torrent.file(1)));
}

TEST_F(StoreFixture, SelectionChangesWhileItRuns) {
    const auto torrent = make_torrent(TorrentVersion::v1, {100 * KiB, 100 * KiB, 0}, 64 * KiB);
    begin(torrent, {.wanted = {true, false, false}});
    get_piece(0);
    get_piece(1);
    put_block(2, 0, torrent.piece(2).first(16 * KiB));
    std::optional<Result<void>> done;
    store->select({}, [&](Result<void> result) { done = std::move(result); });
    settle();
    ASSERT_TRUE(done && *done);
    for (std::uint32_t at = 16 * KiB; at < 64 * KiB; at += 16 * KiB)
        put_block(2, at, torrent.piece(2).subspan(at, 16 * KiB));
    store->verify(PieceIndex(2));
    settle();
    get_all();
    EXPECT_EQ(on_disk("T/b"), copy_of(torrent.file(1)));
    EXPECT_TRUE(disk.exists("/data/T/c"));
}

TEST_F(StoreFixture, FilesAreRenamedAndTheStateKnows) {
    const auto torrent = make_torrent(TorrentVersion::v1, {100 * KiB, 100 * KiB}, 64 * KiB);
    begin(torrent);
    get_piece(0);
    const auto rename = [&](std::uint32_t file, const std::string& path) {
        std::optional<Result<void>> done;
        store->rename_file(FileIndex(file), path, [&](Result<void> result) { done = std::move(result); });
        settle();
        return done && *done;
    };
    EXPECT_TRUE(rename(0, "T/other"));
    EXPECT_FALSE(rename(0, "T/b"));  // of the torrent, though it is not there yet
    disk.put("/data/T/foreign", {1, 2, 3});
    EXPECT_FALSE(rename(0, "T/foreign"));
    get_all();
    EXPECT_EQ(store->path_of(FileIndex(0)), "T/other");
    EXPECT_EQ(on_disk("T/other"), copy_of(torrent.file(0)));
    const auto state = sync(PieceStore::Closing::yes).value();
    begin(torrent, {.state = state});
    EXPECT_TRUE(store->have().all());
}

TEST_F(StoreFixture, RemovalTakesTheTorrentsFilesOnly) {
    const auto torrent = make_torrent(TorrentVersion::v1, {100 * KiB, 100 * KiB}, 64 * KiB);
    begin(torrent, {.wanted = {true, false}});
    get_piece(0);
    get_piece(1);
    disk.put("/data/T/foreign", {1, 2, 3});
    std::optional<Result<void>> done;
    store->remove_files([&](Result<void> result) { done = std::move(result); });
    settle();
    ASSERT_TRUE(done && *done);
    EXPECT_THAT(disk.names(), ElementsAre("/data/T/foreign"));
    EXPECT_TRUE(store->have().none());
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
    EXPECT_EQ(events.verdicts.at(0).outcome, PieceVerdict::Outcome::error);
    EXPECT_THAT(disk.names(), IsEmpty());
}

}  // namespace
}  // namespace spate::piece_store
