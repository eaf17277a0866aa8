// Torrents that were removed from a session, and what is added while they leave.
#include "tests/session/session_fixture.h"

namespace spate::engine {
namespace {

using namespace std::chrono_literals;
using announce::Event;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(SessionTest, OneThatIsAddedAgainBeginsWhenTheOthersFilesAreAtRest) {
    const SampleTorrent torrent = sample("file.bin");
    SimNode& seeder = node("seeder");
    seeder.put(torrent);
    const TorrentId first = seeder.add(seed(torrent)).value();
    EXPECT_EQ(seeder.session->status(first).name, "file.bin") << "though it is not loaded yet";
    ASSERT_TRUE(run_until([&] { return seeder.finishes(first) == 1; }));
    run_for(2s);  // the tracker knows it
    seeder.session->remove(first);
    EXPECT_FALSE(seeder.session->has(first));
    const TorrentId second = seeder.add(seed(torrent)).value();
    EXPECT_NE(first, second);
    EXPECT_EQ(seeder.session->status(second).state, TorrentState::opening);
    EXPECT_EQ(seeder.session->status(second).name, "file.bin");
    EXPECT_THAT(seeder.states(second), IsEmpty());
    ASSERT_TRUE(run_until([&] { return seeder.finishes(second) == 1; }));
    EXPECT_EQ(seeder.session->status(second).state, TorrentState::seeding);
    EXPECT_THAT(seeder.complaints, IsEmpty());
    run_for(2s);
    EXPECT_THAT(tracker->events(), Contains(Event::stopped));
}

// Else both would write to the same files, and to the same row.
TEST_F(SessionTest, ADownloadThatIsAddedAgainGoesOnWithWhatTheFirstBroughtToTheDisk) {
    const SampleTorrent torrent = sample("file.bin", 4'000'000);
    SimNode& seeder = node("seeder");
    seeder.put(torrent);
    AddTorrent shared = seed(torrent);
    shared.limits.up = 400'000;
    ASSERT_TRUE(seeder.add(shared));
    SimNode& leecher = node("leecher");
    const AddTorrent wanted{.what = torrent.metainfo,
                            .peers = {{seeder.host.address().text(), seeder.session->port()}}};
    const TorrentId first = leecher.add(wanted).value();
    const auto have = [&](TorrentId id) { return leecher.session->status(id).bytes_have; };
    ASSERT_TRUE(run_until([&] { return have(first) > 2'000'000; }));
    const std::uint64_t had = have(first);
    leecher.host.disk().faults().slowdown = 50;  // the end of the first takes a second or so
    leecher.session->remove(first);
    const TorrentId second = leecher.add(wanted).value();
    run_for(200ms);
    EXPECT_THAT(leecher.states(second), IsEmpty());
    leecher.host.disk().faults().slowdown = 1;
    ASSERT_TRUE(run_until([&] { return leecher.finishes(second) == 1; }));
    EXPECT_LE(leecher.session->status(second).downloaded, 4'000'000 - had + 200'000);
    EXPECT_THAT(leecher.complaints, IsEmpty());
}

// The trackers' time is not the files'.
TEST_F(SessionTest, ATrackerThatIsSilentKeepsNobodyFromBeingAddedAgain) {
    const SampleTorrent torrent = sample("file.bin");
    SimNode& seeder = node("seeder");
    const TorrentId first = begin_seeding(seeder, torrent);
    run_for(2s);  // the tracker knows it
    tracker->silent = true;
    seeder.session->remove(first);
    const TorrentId second = seeder.add(seed(torrent)).value();
    EXPECT_TRUE(run_until([&] { return seeder.finishes(second) == 1; }, 1s));
}

TEST_F(SessionTest, OneThatWaitedAndIsRemovedTooLeavesNothing) {
    const SampleTorrent torrent = sample("file.bin");
    SimNode& seeder = node("seeder");
    const TorrentId first = begin_seeding(seeder, torrent);
    seeder.session->remove(first);
    const TorrentId second = seeder.add(seed(torrent)).value();
    seeder.session->remove(second);
    const TorrentId third = seeder.add(seed(torrent)).value();
    ASSERT_TRUE(run_until([&] { return seeder.finishes(third) == 1; }));
    EXPECT_EQ(seeder.finishes(second), 0);
    EXPECT_THAT(seeder.session->torrents(), ElementsAre(third));
    EXPECT_THAT(seeder.complaints, IsEmpty());
}

TEST_F(SessionTest, OthersDoNotWaitForOneThatLeaves) {
    const SampleTorrent torrent = sample("file.bin");
    const SampleTorrent other = sample("other.bin");
    SimNode& seeder = node("seeder");
    seeder.put(torrent);
    seeder.put(other);
    const TorrentId first = seeder.add(seed(torrent)).value();
    ASSERT_TRUE(run_until([&] { return seeder.finishes(first) == 1; }));
    seeder.session->remove(first);
    const TorrentId second = seeder.add(seed(other)).value();
    ASSERT_TRUE(run_until([&] { return seeder.finishes(second) == 1; }, 5s));
    // A session that ends meanwhile ends.
    seeder.session->remove(second);
    bool stopped = false;
    seeder.session->stop([&] { stopped = true; });
    EXPECT_TRUE(run_until([&] { return stopped; }, 10s));
}

}  // namespace
}  // namespace spate::engine
