// What the network thread reads itself: what memory holds, and not for long.
#include "piece_store/reactor_reads.h"

#include <gmock/gmock.h>
#include <thread>

#include "piece_store/piece_reader.h"
#include "piece_store/test_world.h"

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

TEST_F(ReactorReadsTest, WhatSomebodyChangedIsNotGiven) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB, 256 * KiB}, 64 * KiB);
    begin_whole(torrent);
    ASSERT_TRUE(sync(PieceStore::Closing::yes));
    ASSERT_TRUE(read(0, 0, 10));
    ASSERT_TRUE(read(4, 0, 10));
    disk.change_content("/data/T/a")[100 * KiB] ^= 1;
    EXPECT_FALSE(cached(1, 0, 10));
    EXPECT_FALSE(read(1, 0, 10));
    EXPECT_THAT(events.lost, ElementsAre(0, 1, 2, 3));
    reactor.advance(PieceReader::cold_max);
    EXPECT_TRUE(cached(5, 0, 10));
}

TEST_F(ReactorReadsTest, NobodyWaitsForAMove) {
    const auto torrent = make_torrent(TorrentVersion::v1, {256 * KiB}, 64 * KiB);
    begin_whole(torrent);
    int moves = 0;
    disk.fault = [&](const std::string& operation, const std::string&) {
        if (operation != "write") return 0;
        ++moves;
        std::jthread([&] { EXPECT_FALSE(store->cached(PieceIndex(0), 0, 10)); });
        return 0;
    };
    store->move_to(
        "/elsewhere", [](PieceStore::Done done) { done({}); },
        [](const Result<void>& moved) { EXPECT_TRUE(moved); });
    settle();
    EXPECT_GT(moves, 0);
    reactor.advance(PieceReader::cold_max);
    ASSERT_TRUE(read(0, 0, 10));
    EXPECT_EQ(cached(1, 0, 10), copy_of(torrent.piece(1).subspan(0, 10)));
}

}  // namespace
}  // namespace spate::piece_store
