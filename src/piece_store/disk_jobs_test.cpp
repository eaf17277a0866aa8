// Who reads or syncs when: places and turns.
#include "piece_store/disk_jobs.h"

#include <gmock/gmock.h>

#include "piece_store/test_world.h"

namespace spate::piece_store {
namespace {

using metainfo::PieceIndex;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::SizeIs;

class DiskJobsTest : public StoreFixture {
  protected:
    // One that has so many jobs to begin.
    struct Reader {
        Reader(DiskJobsTest& test, std::string its_name, int jobs)
            : name(std::move(its_name)), to_begin(jobs) {
            seat = std::make_shared<DiskSeat>(test.jobs, [this, &test] {
                if (to_begin == 0) return false;
                --to_begin;
                test.begun.push_back(name);
                seat->submit([] {}, [&done = test.done, of = name] { done.push_back(of); });
                return true;
            });
        }
        std::string name;
        int to_begin;
        std::shared_ptr<DiskSeat> seat;
    };

    std::shared_ptr<DiskJobs> jobs =
        std::make_shared<DiskJobs>(world, DiskJobs::Limits{.jobs_max = 4, .late_max = 2});
    std::vector<std::string> begun, done;
};

TEST_F(DiskJobsTest, OneLeavesAPlaceForAnother) {
    Reader slow(*this, "slow", 10), fast(*this, "fast", 2);
    slow.seat->want();
    EXPECT_THAT(begun, ElementsAre("slow", "slow", "slow"));
    fast.seat->want();
    EXPECT_THAT(begun, ElementsAre("slow", "slow", "slow", "fast"));
    EXPECT_EQ(pool.waiting(), 4U);
    settle();
    EXPECT_EQ(done.size(), 12U);
}

TEST_F(DiskJobsTest, WhoHasTheFewestGoesFirst) {
    Reader first(*this, "1", 5), second(*this, "2", 5), third(*this, "3", 5);
    first.seat->want();
    second.seat->want();
    third.seat->want();
    ASSERT_THAT(begun, ElementsAre("1", "1", "1", "2"));
    for (int i = 0; i < 4; ++i) {
        pool.run_job();
        reactor.run_posted();
    }
    EXPECT_THAT(std::vector(begun.begin() + 4, begun.end()), ElementsAre("3", "1", "2", "3"));
}

TEST_F(DiskJobsTest, WhoGoesGivesItsPlacesBackWhenItsJobsEnd) {
    auto gone = std::make_unique<Reader>(*this, "gone", 10);
    gone->seat->want();
    gone.reset();
    Reader other(*this, "other", 10);
    other.seat->want();
    EXPECT_THAT(begun, ElementsAre("gone", "gone", "gone", "other"));
    settle();
    EXPECT_EQ(begun.size(), 13U);
    jobs.reset();  // before the last jobs end
    other.to_begin = 1;
    other.seat->want();
    other.seat.reset();
    settle();
    EXPECT_EQ(done.size(), 14U);
}

TEST_F(DiskJobsTest, WhatTakesLongLeavesItsPlaceToOthers) {
    Reader hung(*this, "hung", 3), other_hung(*this, "other hung", 3), well(*this, "well", 2);
    hung.seat->want();
    other_hung.seat->want();
    while (pool.waiting() > 0) pool.last_is_slow();
    well.seat->want();
    reactor.advance(DiskJobs::patience - std::chrono::milliseconds(1));
    EXPECT_THAT(begun, ElementsAre("hung", "hung", "hung", "other hung"));
    reactor.advance(std::chrono::milliseconds(1));
    EXPECT_THAT(std::vector(begun.begin() + 4, begun.end()), ElementsAre("well", "other hung"))
        << "who has the fewest first, and no more than two leave their places";
    pool.settle();
    EXPECT_THAT(done, ElementsAre("well", "other hung", "well", "other hung"));
    reactor.advance(10 * DiskJobs::patience);
    pool.finish_slow();
    pool.settle();
    EXPECT_THAT(done, SizeIs(8));
}

// Three on one disk, of which as many hang as there were places.
TEST_F(DiskJobsTest, OnADiskThatHangsNoMoreAreBegun) {
    jobs = std::make_shared<DiskJobs>(world, DiskJobs::Limits{.jobs_max = 2, .late_max = 4});
    Reader one(*this, "1", 1), two(*this, "2", 1), three(*this, "3", 1), well(*this, "well", 2);
    for (auto* const hung : {&one, &two, &three}) {
        hung->seat->set_disk(7);
        hung->seat->want();
    }
    EXPECT_THAT(begun, ElementsAre("1", "2"));
    while (pool.waiting() > 0) pool.last_is_slow();
    reactor.advance(DiskJobs::patience);
    EXPECT_THAT(begun, ElementsAre("1", "2"));
    well.seat->set_disk(8);
    well.seat->want();
    settle();
    EXPECT_THAT(done, ElementsAre("well", "well"));
    pool.finish_slow();
    settle();
    EXPECT_THAT(begun, ElementsAre("1", "2", "well", "well", "3"));
    EXPECT_THAT(done, SizeIs(5));
}

TEST_F(DiskJobsTest, WhoeverHurriesGoesFirst) {
    Reader first(*this, "1", 3), second(*this, "2", 3), third(*this, "3", 2);
    first.seat->want();
    second.seat->want();
    third.seat->want();
    Reader closing(*this, "closing", 1);
    closing.seat->want(true);
    begun.clear();
    pool.run_job();
    reactor.run_posted();
    EXPECT_THAT(begun, ElementsAre("closing"));
    pool.run_job();
    reactor.run_posted();
    EXPECT_THAT(begun, ElementsAre("closing", "3"));
}

TEST_F(DiskJobsTest, ATorrentOnASlowDiskDoesNotHoldUpAnother) {
    constexpr std::uint32_t piece_size = 64 << 10;
    const auto torrent = make_torrent(metainfo::TorrentVersion::v1, {64 * piece_size}, piece_size);
    begin(torrent);
    get_all();
    disk.put("/fast/T", torrent.space);
    NotedEvents other_events;
    PieceStore other(world, *resources, other_events,
                     {.metainfo = torrent.metainfo, .folder = "/fast", .trust = Trust::sizes});
    other.open([](Result<Opened>) {});
    settle();
    for (std::uint32_t piece = 0; piece < torrent.pieces(); ++piece)
        store->read(PieceIndex(piece), 0, piece_size,
                    [&](const Result<BlockView>&) { done.push_back("slow"); });
    while (pool.waiting() > 0) pool.last_is_slow();
    for (std::uint32_t piece = 0; piece < 10; ++piece)
        other.read(PieceIndex(piece), 0, piece_size,
                   [&](const Result<BlockView>&) { done.push_back("fast"); });
    settle();
    EXPECT_THAT(done, SizeIs(10));
    EXPECT_THAT(done, Each("fast"));
    pool.finish_slow();
    settle();
    EXPECT_THAT(done, SizeIs(10 + torrent.pieces()));
}

}  // namespace
}  // namespace spate::piece_store
