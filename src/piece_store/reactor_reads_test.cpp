// What the network thread reads itself: what memory holds, and not for long.
#include "piece_store/reactor_reads.h"

#include <gmock/gmock.h>

#include "piece_store/piece_reader.h"
#include "piece_store/test_world.h"
#include "piece_store/window_cache.h"
#include "tests/other_thread.h"

namespace spate::piece_store {
namespace {

using metainfo::PieceIndex;
using metainfo::TorrentVersion;
using ::testing::ElementsAre;
constexpr std::uint32_t KiB = 1024;

class ReactorReadsTest : public StoreFixture {
  protected:
    void SetUp() override { disk.in_memory = true; }
    // The files are open: they were written.
    void begin_whole(const TestTorrent& torrent) {
        begin(torrent);
        get_all();
        ASSERT_TRUE(sync());
    }
    std::optional<std::vector<std::uint8_t>> cached(std::uint32_t piece, std::uint32_t offset,
                                                    std::uint32_t length) {
        const auto view = store->cached(PieceIndex(piece), offset, length);
        EXPECT_EQ(pool.waiting(), 0U);
        return view ? std::optional(copy_of(view->bytes())) : std::nullopt;
    }
    // How often the disk is asked for what memory holds, which it says takes `took`, and whether it does.
    void count_asks(Duration took, bool held = true) {
        disk.fault = [this, took, held](const std::string& operation, const std::string&) {
            if (operation != "read cached") return 0;
            ++asks;
            reactor.stand_still(took);
            return held ? 0 : EAGAIN;
        };
    }
    int asks = 0;
};

TEST_F(ReactorReadsTest, WhatMemoryHoldsIsGivenWithoutAJob) {
    const auto torrent = make_torrent(TorrentVersion::v1, {1 << 20, 100 * KiB, 1 << 20}, 512 * KiB);
    begin_whole(torrent);
    for (std::uint32_t piece = 0; piece < torrent.pieces(); ++piece)
        for (std::uint32_t at = 0; at < torrent.piece(piece).size(); at += 16 * KiB) {
            const auto length = std::min<std::uint32_t>(
                16 * KiB, static_cast<std::uint32_t>(torrent.piece(piece).size()) - at);
            EXPECT_EQ(cached(piece, at, length), copy_of(torrent.piece(piece).subspan(at, length)));
        }
}

TEST_F(ReactorReadsTest, PadFilesAreZeros) {
    const auto torrent = make_torrent(TorrentVersion::hybrid, {100 * KiB, 300 * KiB}, 128 * KiB);
    begin_whole(torrent);
    {
        const auto used_before = resources->windows().buffers().take(128 * KiB);
        std::ranges::fill(used_before.bytes(), std::uint8_t{0xff});
    }
    const std::vector<std::uint8_t> zeros(28 * KiB);
    EXPECT_EQ(cached(0, 100 * KiB, 28 * KiB), zeros);
    EXPECT_EQ(cached(1, 0, 16 * KiB), copy_of(torrent.piece(1).subspan(0, 16 * KiB)));
}

TEST_F(ReactorReadsTest, AFileThatIsNotOpenIsOpenedByAJob) {
    const auto torrent = make_torrent(TorrentVersion::v1, {1 << 20}, 256 * KiB);
    begin_whole(torrent);
    const auto state = sync(PieceStore::Closing::yes).value();
    forget_store();
    begin(torrent, {.state = state});
    EXPECT_FALSE(cached(0, 0, 16 * KiB));
    ASSERT_TRUE(read(1, 0, 16 * KiB));
    reactor.advance(PieceReader::cold_min);
    EXPECT_TRUE(cached(2, 0, 16 * KiB));
}

TEST_F(ReactorReadsTest, WhatMemoryLacksIsAskedForLessAndLess) {
    const auto torrent = make_torrent(TorrentVersion::v1, {1 << 20}, 256 * KiB);
    begin_whole(torrent);
    count_asks({}, false);
    for (int ms = 0; ms < 10'000; ++ms) {
        EXPECT_FALSE(cached(0, 0, 16 * KiB));
        reactor.advance(std::chrono::milliseconds(1));
    }
    // 5, 10, 20 ... 640 ms, then each second.
    EXPECT_EQ(asks, 9 + 8);
    disk.fault = {};
    reactor.advance(PieceReader::cold_max);
    EXPECT_TRUE(cached(0, 0, 16 * KiB));
    EXPECT_TRUE(cached(1, 0, 16 * KiB));
}

TEST_F(ReactorReadsTest, OnlyAPartOfTheTimeIsSpentOnIt) {
    const auto torrent = make_torrent(TorrentVersion::v1, {4 << 20}, 256 * KiB);
    begin_whole(torrent);
    count_asks(std::chrono::milliseconds(1));
    std::uint32_t given = 0;
    while (given < torrent.pieces() && cached(given, 0, 16 * KiB)) ++given;
    EXPECT_EQ(given, ReactorReads::time_max / std::chrono::milliseconds(1));
    reactor.advance(ReactorReads::slice);
    EXPECT_TRUE(cached(given, 0, 16 * KiB));
}

// One that took long is paid for later.
TEST_F(ReactorReadsTest, AReadThatTookLongIsFollowedByNone) {
    const auto torrent = make_torrent(TorrentVersion::v1, {4 << 20}, 256 * KiB);
    begin_whole(torrent);
    count_asks(10 * ReactorReads::slice);
    EXPECT_TRUE(cached(0, 0, 16 * KiB));
    reactor.advance(3 * ReactorReads::slice);
    EXPECT_FALSE(cached(1, 0, 16 * KiB));
    reactor.advance(10 * ReactorReads::slice);
    EXPECT_TRUE(cached(1, 0, 16 * KiB));
}

TEST_F(ReactorReadsTest, WhereTimeStandsStillBytesAreCounted) {
    const auto torrent = make_torrent(TorrentVersion::v1, {16 << 20}, 1 << 20);
    begin_whole(torrent);
    std::size_t given = 0;
    const auto window = [&] {
        return cached(static_cast<std::uint32_t>(given >> 20), given % (1 << 20), 16 * KiB);
    };
    while (given < (16 << 20) && window()) given += window_bytes;
    EXPECT_EQ(given, ReactorReads::bytes_max);
    reactor.advance(ReactorReads::slice);
    EXPECT_TRUE(window());
}

// One byte of a window would cost 256 KiB of copying.
TEST_F(ReactorReadsTest, SmallPartsAreForJobs) {
    const auto torrent = make_torrent(TorrentVersion::v1, {(1 << 20) + 5}, 512 * KiB);
    begin_whole(torrent);
    EXPECT_FALSE(cached(0, 0, 1));
    EXPECT_FALSE(cached(0, 0, 16 * KiB - 1));
    EXPECT_TRUE(cached(2, 1, 4)) << "the end of its piece";
    EXPECT_TRUE(cached(0, 0, 16 * KiB));
    EXPECT_TRUE(cached(0, 0, 1)) << "read by now";
}

TEST_F(ReactorReadsTest, WindowsOfVeryManyFilesAreForJobs) {
    const auto torrent = make_torrent(TorrentVersion::v1, std::vector<std::uint64_t>(40, KiB), 20 * KiB);
    begin_whole(torrent);
    EXPECT_FALSE(cached(0, 0, 20 * KiB));
    EXPECT_TRUE(read(0, 0, 20 * KiB));
}

TEST_F(ReactorReadsTest, WhatWasCutShortIsNotGiven) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB, 256 * KiB}, 64 * KiB);
    begin_whole(torrent);
    disk.change_content("/data/T/a").resize(100 * KiB);
    EXPECT_FALSE(cached(3, 0, 16 * KiB));
    EXPECT_FALSE(read(3, 0, 16 * KiB));
    EXPECT_THAT(events.lost, ElementsAre(0, 1, 2, 3));
}

// Memory may have it still, the disk has not.
TEST_F(ReactorReadsTest, WhatASyncLostIsNotGiven) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB, 256 * KiB}, 64 * KiB);
    begin(torrent);
    get_all();
    ASSERT_TRUE(cached(3, 0, 16 * KiB));
    disk.fault = [](const std::string& operation, const std::string&) {
        return operation == "sync" ? EIO : 0;
    };
    EXPECT_FALSE(sync());
    EXPECT_FALSE(cached(3, 16 * KiB, 16 * KiB));
    EXPECT_FALSE(cached(2, 0, 16 * KiB));
}

TEST_F(ReactorReadsTest, WhatSomebodyChangedIsNotGiven) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB, 256 * KiB}, 64 * KiB);
    begin_whole(torrent);
    ASSERT_TRUE(sync(PieceStore::Closing::yes));
    ASSERT_TRUE(read(0, 0, 10));
    ASSERT_TRUE(read(4, 0, 10));
    disk.change_content("/data/T/a")[100 * KiB] ^= 1;
    EXPECT_FALSE(cached(1, 0, 16 * KiB));
    EXPECT_FALSE(read(1, 0, 10));
    EXPECT_THAT(events.lost, ElementsAre(0, 1, 2, 3));
    reactor.advance(PieceReader::cold_max);
    EXPECT_TRUE(cached(5, 0, 16 * KiB));
}

TEST_F(ReactorReadsTest, NobodyWaitsForAMove) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB}, 64 * KiB);
    begin_whole(torrent);
    int moves = 0;
    disk.fault = [&](const std::string& operation, const std::string&) {
        if (operation != "write") return 0;
        ++moves;
        testing::on_another_thread([&] { EXPECT_FALSE(store->cached(PieceIndex(0), 0, 16 * KiB)); });
        return 0;
    };
    store->move_to(
        "/elsewhere", [](PieceStore::Done done) { done({}); },
        [](const Result<void>& moved) { EXPECT_TRUE(moved); });
    settle();
    EXPECT_GT(moves, 0);
    reactor.advance(PieceReader::cold_max);
    ASSERT_TRUE(read(0, 0, 10));
    EXPECT_EQ(cached(1, 0, 16 * KiB), copy_of(torrent.piece(1).subspan(0, 16 * KiB)));
}

}  // namespace
}  // namespace spate::piece_store
