#include "piece_store/read_ahead.h"

#include <gmock/gmock.h>

#include "piece_store/test_world.h"

namespace spate::piece_store {
namespace {

using metainfo::PieceIndex;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
constexpr std::uint32_t MiB = 1 << 20;
constexpr Duration fast = std::chrono::microseconds(200);

class ReadAheadTest : public StoreFixture {
  protected:
    void ask(std::uint32_t piece, std::uint32_t offset) {
        ahead.on_asked(PieceIndex(piece), offset);
        pool.settle();
    }
    void read(std::uint32_t piece, std::uint32_t offset, Duration took) {
        ahead.on_read(PieceIndex(piece), offset, took);
    }

    inline static const TestTorrent torrent =
        make_torrent(metainfo::TorrentVersion::v1, {700 * std::uint64_t{MiB} / 8 + 5}, MiB);
    std::vector<std::uint32_t> told;
    std::uint32_t last_size = 0;
    const std::shared_ptr<DiskSeat> seat =
        std::make_shared<DiskSeat>(resources->reads(), [this] { return ahead.begin_job(); });
    const std::shared_ptr<ReadAhead> ahead_ = std::make_shared<ReadAhead>(
        reactor, seat, torrent.metainfo->info.layout, [this](const ReadAhead::Range& range) {
            told.push_back(range.piece.value);
            last_size = range.size;
        });
    ReadAhead& ahead = *ahead_;
};

TEST_F(ReadAheadTest, AFastDiskIsToldNothing) {
    ask(0, 0);
    read(0, 0, fast);
    ask(1, 0);
    EXPECT_THAT(told, IsEmpty());
}

TEST_F(ReadAheadTest, ASlowOneIsToldWhatIsAskedForOnce) {
    read(0, 0, ReadAhead::slow);
    for (std::uint32_t at = 0; at < MiB; at += metainfo::block_size) ask(3, at);
    ask(4, 16384);
    ask(3, 0);
    EXPECT_THAT(told, ElementsAre(3, 4));
    EXPECT_EQ(last_size, MiB);
    const auto last = torrent.pieces() - 1;
    ask(last, 0);
    EXPECT_EQ(last_size, torrent.piece(last).size());
}

TEST_F(ReadAheadTest, OneThatIsFastAgainIsToldNothingAfterAWhile) {
    read(0, 0, ReadAhead::slow);
    reactor.advance(ReadAhead::slow_for / 2);
    read(0, 0, fast);
    ask(1, 0);
    reactor.advance(ReadAhead::slow_for / 2);
    ask(2, 0);
    EXPECT_THAT(told, ElementsAre(1));
}

// A torrent smaller than all that may be told: nothing else pushes it out.
TEST_F(ReadAheadTest, WhatIsAskedForAgainMuchLaterIsToldAgain) {
    read(0, 0, ReadAhead::slow);
    ask(3, 0);
    read(3, 0, fast);
    ask(3, 0);
    EXPECT_THAT(told, ElementsAre(3));
    reactor.advance(ReadAhead::told_for);
    ask(3, 0);
    EXPECT_THAT(told, ElementsAre(3, 3));
    ask(4, 0);
    reactor.advance(ReadAhead::told_for);  // nobody read it
    ask(4, 0);
    EXPECT_THAT(told, ElementsAre(3, 3, 4, 4));
}

TEST_F(ReadAheadTest, FewJobsWaitForTheDiskAtATime) {
    read(0, 0, ReadAhead::slow);
    for (std::uint32_t piece = 0; piece < 10; ++piece) ahead.on_asked(PieceIndex(piece), 0);
    EXPECT_EQ(pool.waiting(), ReadAhead::jobs_max);
    pool.settle();
    EXPECT_EQ(told.size(), 10U);
}

TEST_F(ReadAheadTest, ToldAndNotReadIsCapped) {
    read(0, 0, ReadAhead::slow);
    for (std::uint32_t piece = 0; piece < ReadAhead::told_max + 10; ++piece) ask(piece, 0);
    EXPECT_EQ(told.size(), ReadAhead::told_max);
    read(5, 16384, fast);
    ask(70, 0);
    ask(71, 0);
    EXPECT_EQ(told.size(), ReadAhead::told_max + 1);
    EXPECT_EQ(told.back(), 70U);
    reactor.advance(ReadAhead::told_for);  // whoever asked went away
    ask(71, 0);
    EXPECT_EQ(told.back(), 71U);
}

// Jobs wait for the disk, and meanwhile ever more is asked for, read and asked for again.
TEST_F(ReadAheadTest, WhatWaitsToBeToldIsCappedAndNotToldTooLate) {
    read(0, 0, ReadAhead::slow);
    const auto ask_many = [&](std::uint32_t first) {
        for (std::uint32_t piece = first; piece < first + ReadAhead::told_max + 10; ++piece)
            ahead.on_asked(PieceIndex(piece % torrent.pieces()), 0);
    };
    ask_many(0);
    for (std::uint32_t piece = 10; piece < 20; ++piece) read(piece, 0, fast);
    reactor.advance(ReadAhead::told_for);
    ask_many(40);
    EXPECT_EQ(pool.waiting(), ReadAhead::jobs_max);
    pool.settle();
    EXPECT_LE(told.size(), ReadAhead::told_max + ReadAhead::jobs_max);
    EXPECT_THAT(std::vector(told.begin(), told.begin() + 3), ElementsAre(0, 1, 40));
}

}  // namespace
}  // namespace spate::piece_store
