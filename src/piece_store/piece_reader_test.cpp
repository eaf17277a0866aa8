// Pieces on their way out: windows, and the watch over the files they come from.
#include <gmock/gmock.h>

#include "piece_store/piece_store.h"
#include "piece_store/read_ahead.h"
#include "piece_store/test_world.h"
#include "piece_store/window_cache.h"

namespace spate::piece_store {
namespace {

using metainfo::PieceIndex;
using metainfo::TorrentVersion;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
constexpr std::uint32_t KiB = 1024;

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

// Of pieces of a byte each window is one byte in a buffer of 16 KiB.
TEST_F(StoreFixture, WindowsOfTinyPiecesStayWithinTheirCap) {
    resources = std::make_unique<Resources>(world, ResourceLimits{.window_bytes = 1 << 20});
    const auto torrent = make_torrent(TorrentVersion::v1, {200}, 1);
    begin(torrent);
    get_all();
    for (std::uint32_t piece = 0; piece < torrent.pieces(); ++piece) ASSERT_TRUE(read(piece, 0, 1));
    EXPECT_LE(resources->windows().buffers().used(), 1U << 20);
    EXPECT_FALSE(store->cached(PieceIndex(0), 0, 1));
    const auto last = store->cached(PieceIndex(199), 0, 1);
    ASSERT_TRUE(last);
    EXPECT_EQ(last->memory(), BufferBudget::buffer_min);
}

TEST_F(StoreFixture, WhatIsLostWhileItIsReadIsNotGiven) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB}, 128 * KiB);
    begin(torrent);
    get_all();
    disk.fault = [](const std::string& operation, const std::string&) {
        return operation == "sync" ? EIO : 0;
    };
    std::optional<Result<BlockView>> got;
    store->sync(PieceStore::Closing::no, [](Result<StoredState>) {});
    store->read(PieceIndex(0), 0, 16 * KiB, [&](Result<BlockView> view) { got = std::move(view); });
    settle();
    EXPECT_THAT(events.lost, ElementsAre(0, 1));
    ASSERT_TRUE(got);
    EXPECT_FALSE(*got);
    EXPECT_FALSE(store->cached(PieceIndex(0), 0, 16 * KiB));
}

// The disk is still at the old read then.
TEST_F(StoreFixture, WhatWasLostWhileItWasReadAndCameAgainIsReadAnew) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB}, 128 * KiB);
    begin(torrent);
    get_all();
    std::optional<Result<BlockView>> before, after;
    store->read(PieceIndex(0), 0, 16 * KiB, [&](Result<BlockView> view) { before = std::move(view); });
    pool.last_is_slow();
    disk.fault = [](const std::string& operation, const std::string&) {
        return operation == "sync" ? EIO : 0;
    };
    EXPECT_FALSE(sync());
    EXPECT_THAT(events.lost, ElementsAre(0, 1));
    ASSERT_TRUE(before) << "it need not wait for the disk";
    EXPECT_FALSE(*before);
    disk.fault = {};
    get_all();
    ASSERT_THAT(have(), ElementsAre(0, 1));
    store->read(PieceIndex(0), 0, 16 * KiB, [&](Result<BlockView> view) { after = std::move(view); });
    settle();
    ASSERT_TRUE(after);
    ASSERT_TRUE(*after);
    EXPECT_EQ(copy_of((*after)->bytes()), copy_of(torrent.piece(0).subspan(0, 16 * KiB)));
    pool.finish_slow();
    settle();
    EXPECT_THAT(have(), ElementsAre(0, 1));
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

TEST_F(StoreFixture, ASlowDiskIsToldWhichBytesOfWhichFilesAreAskedFor) {
    const auto torrent = make_torrent(TorrentVersion::v1, {1 << 20, 100 * KiB, 2 << 20}, 1 << 20);
    begin(torrent);
    get_all();
    store->expect(PieceIndex(1), 0);
    settle();
    EXPECT_THAT(disk.hints, ElementsAre()) << "it is fast";
    const auto read_first = [&] {
        store->read(PieceIndex(0), 0, 16 * KiB, [](const Result<BlockView>& view) { EXPECT_TRUE(view); });
    };
    read_first();
    reactor.advance(10 * ReadAhead::slow);
    settle();
    store->expect(PieceIndex(1), 0);
    settle();
    EXPECT_THAT(disk.hints, ElementsAre()) << "it was the pool that was busy";
    disk.fault = [&](const std::string& operation, const std::string&) {
        if (operation == "read") reactor.stand_still(ReadAhead::slow);
        return 0;
    };
    read_first();
    settle();
    store->expect(PieceIndex(1), 512 * KiB);
    settle();
    using Hint = testing::FaultDisk::Hint;
    EXPECT_THAT(disk.hints,
                ElementsAre(Hint{"/data/T/b", 0, 100 * KiB}, Hint{"/data/T/c", 0, (1024 - 100) * KiB}));
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

}  // namespace
}  // namespace spate::piece_store
