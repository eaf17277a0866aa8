// Blocks on their way into pieces: whose they are, when they are hashed, how much memory they hold.
#include <gmock/gmock.h>

#include "piece_store/piece_store.h"
#include "piece_store/test_world.h"

namespace spate::piece_store {
namespace {

using metainfo::PieceIndex;
using metainfo::TorrentVersion;
using Taken = PieceStore::Taken;
constexpr std::uint32_t KiB = 1024;

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

// 3 MB a second: a batch would fill in 80 ms, but hashing is no work then.
TEST_F(StoreFixture, SmallPiecesAtAModestSpeedDoNotWaitForCompany) {
    const auto torrent = make_torrent(TorrentVersion::v1, {200 * 16 * KiB}, 16 * KiB);
    begin(torrent);
    for (std::uint32_t piece = 0; piece < 199; ++piece) {
        put_piece(piece, torrent.piece(piece));
        store->verify(PieceIndex(piece));
        pool.settle();
        ASSERT_EQ(store->have().count(), piece + 1);
        reactor.advance(std::chrono::milliseconds(5));
    }
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

// A piece that waits for company does not keep the memory others want.
TEST_F(StoreFixture, NoPieceWaitsWhenMemoryIsOut) {
    resources = std::make_unique<Resources>(world, ResourceLimits{.write_bytes = 1 << 20});
    const auto torrent = make_torrent(TorrentVersion::v1, {400 * 16 * KiB}, 16 * KiB);
    begin(torrent);
    std::uint32_t piece = 0;
    for (; store->have().count() == piece; ++piece) {
        ASSERT_LT(piece, 200u);
        put_piece(piece, torrent.piece(piece));
        store->verify(PieceIndex(piece));
        pool.settle();
    }
    const auto had = store->have().count();  // the last one waits
    std::vector<Buffer> others;
    while (resources->accepting()) others.push_back(resources->budget().take(16 * KiB));
    pool.settle();
    EXPECT_EQ(store->have().count(), had + 1);
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

// A disk that is slow with blocks of a piece that was given up meanwhile, and comes again.
class SlowFlush : public StoreFixture {
  protected:
    void begin_with_wrong_blocks() {
        begin(torrent);
        put_block(0, 0, std::vector<std::uint8_t>(16 * KiB, 7));
        store->sync(PieceStore::Closing::yes, [](const Result<StoredState>&) {});
        ASSERT_EQ(pool.waiting(), 1U);
        store->discard(PieceIndex(0));
    }
    // All that waits, but for the first job, which is the slow one.
    void run_others() {
        for (reactor.run_posted(); pool.waiting() > 1; reactor.run_posted()) reactor.post(pool.run_one(1));
    }
    const TestTorrent torrent = make_torrent(TorrentVersion::v1, {512 * KiB}, 512 * KiB);
};

TEST_F(SlowFlush, ItNeverComesOverAPieceThatIsThere) {
    begin_with_wrong_blocks();
    submit_piece(0);
    run_others();
    settle();
    EXPECT_TRUE(events.good(0));
    EXPECT_EQ(on_disk("T"), torrent.space);
}

TEST_F(SlowFlush, ItNeverComesOverBlocksThatWereFlushedSince) {
    resources = std::make_unique<Resources>(world, ResourceLimits{.write_bytes = 512 << 10});
    begin_with_wrong_blocks();
    put_block(0, 0, torrent.piece(0).first(16 * KiB));
    put_block(0, 256 * KiB, torrent.piece(0).subspan(256 * KiB, 16 * KiB));  // memory is wanted
    run_others();
    settle();
    for (std::uint32_t at = 16 * KiB; at < 512 * KiB; at += 16 * KiB)
        put_block(0, at, torrent.piece(0).subspan(at, 16 * KiB));
    store->verify(PieceIndex(0));
    settle();
    EXPECT_TRUE(events.good(0)) << "nobody sent a wrong block";
    EXPECT_EQ(on_disk("T"), torrent.space);
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

}  // namespace
}  // namespace spate::piece_store
