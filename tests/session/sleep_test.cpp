// Torrents that have everything sleep while nobody wants them.
#include "tests/session/session_fixture.h"

namespace spate::engine {
namespace {

using namespace std::chrono_literals;
using announce::Event;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

metainfo::Magnet magnet_of(const SampleTorrent& torrent) {
    metainfo::Magnet magnet;
    magnet.hash = torrent.metainfo.info.hash;
    return magnet;
}

TEST_F(SessionTest, ASeedNeverWakesToBeShared) {
    const SampleTorrent torrent = sample("file.bin");
    SimNode& seeder = node("seeder");
    seeder.put(torrent);
    bool known = false;
    seeder.when_finished = [&](TorrentId one) { known = seeder.session->metainfo_of(one) != nullptr; };
    const TorrentId id = seeder.add(seed(torrent)).value();
    ASSERT_TRUE(run_until([&] { return seeder.finishes(id) == 1; }));
    EXPECT_TRUE(known);
    EXPECT_EQ(seeder.session->load().awake, 0U);
    const TorrentStatus status = seeder.session->status(id);
    EXPECT_TRUE(status.complete());
    EXPECT_EQ(status.name, "file.bin");
    EXPECT_EQ(status.bytes_have, 200'000U);
    EXPECT_EQ(status.pieces_have, 7U);
    EXPECT_THAT(seeder.states(id), ElementsAre(TorrentState::seeding));
    run_for(10s);
    // It was complete before anybody was told of it.
    EXPECT_THAT(tracker->events(), ElementsAre(Event::started));
    EXPECT_EQ(tracker->announced.front().request.left, 0U);
}

TEST_F(SessionTest, APeerWakesASleeperAndItSleepsAgain) {
    const SampleTorrent torrent = sample("file.bin");
    SimNode& seeder = node("seeder");
    const TorrentId id = begin_seeding(seeder, torrent);

    SimNode& leecher = node("leecher");
    const HostPort address{seeder.host.address().text(), seeder.session->port()};
    const TorrentId got = leecher.add({.what = magnet_of(torrent), .peers = {address}}).value();
    ASSERT_TRUE(run_until([&] { return leecher.finishes(got) == 1; }));
    EXPECT_EQ(seeder.session->load().awake, 1U);
    EXPECT_GE(seeder.session->status(id).uploaded, 200'000U);

    // Both have everything, leave each other, and sleep.
    ASSERT_TRUE(run_until([&] { return seeder.session->load().awake + leecher.session->load().awake == 0; }));
    EXPECT_GE(seeder.session->status(id).uploaded, 200'000U);
    EXPECT_EQ(leecher.session->status(got).downloaded, 200'000U);
    EXPECT_THAT(seeder.states(id), ElementsAre(TorrentState::seeding))
        << "to others it was seeding all the time";
    EXPECT_EQ(seeder.finishes(id), 1);

    SimNode& second = node("second");
    const TorrentId again = second.add({.what = torrent.metainfo, .peers = {address}}).value();
    ASSERT_TRUE(run_until([&] { return second.finishes(again) == 1; }));
    EXPECT_GE(seeder.session->status(id).uploaded, 400'000U);
    EXPECT_THAT(seeder.complaints, ::testing::IsEmpty());
}

TEST_F(SessionTest, ALeecherThatATrackerTellsOfWakesASleeper) {
    const SampleTorrent torrent = sample("file.bin");
    SimNode& leecher = node("leecher");
    const TorrentId got = leecher.add({.what = torrent.metainfo}).value();
    announce::AnnounceReply reply;
    reply.interval = 60;
    reply.complete = 1;
    reply.peers = {{leecher.host.address(), leecher.session->port()}};
    tracker->reply = reply;  // as if only seeds were there

    SimNode& seeder = node("seeder");
    begin_seeding(seeder, torrent);
    run_for(30s);
    EXPECT_EQ(seeder.session->load().awake, 0U);
    reply.incomplete = 1;
    tracker->reply = reply;
    ASSERT_TRUE(run_until([&] { return leecher.finishes(got) == 1; }));
}

TEST_F(SessionTest, AfterARestartNothingIsHashedOrOpened) {
    std::vector<SampleTorrent> torrents;
    for (int i = 0; i < 200; ++i) torrents.push_back(sample("file" + std::to_string(i), 40'000));
    SimNode& seeder = node("seeder");
    int finished = 0;
    seeder.when_finished = [&](TorrentId) { ++finished; };
    for (const SampleTorrent& torrent : torrents) {
        seeder.put(torrent);
        ASSERT_TRUE(seeder.add(seed(torrent)));
    }
    ASSERT_TRUE(run_until([&] { return finished == 200; }));
    bool stopped = false;
    seeder.session->stop([&] { stopped = true; });
    ASSERT_TRUE(run_until([&] { return stopped; }, Session::stop_time));
    seeder.session.reset();

    SessionOptions options;
    options.state_folder = "/state";
    seeder.begin(options);
    for (const SampleTorrent& torrent : torrents) ASSERT_TRUE(seeder.add({.what = magnet_of(torrent)}));
    ASSERT_TRUE(run_until([&] { return finished == 400; }));
    EXPECT_EQ(seeder.session->load().awake, 0U);
    for (const TorrentId id : seeder.session->torrents())
        EXPECT_THAT(seeder.states(id), Not(Contains(TorrentState::checking)));
}

TEST_F(SessionTest, AFileThatWasChangedWhileNobodyLookedIsNotShared) {
    const SampleTorrent torrent = sample("file.bin");
    SimNode& seeder = node("seeder");
    const TorrentId id = begin_seeding(seeder, torrent);
    run_for(30s);
    std::vector<std::uint8_t> other = torrent.files.front().second;
    other[100'000] ^= 1;
    seeder.host.disk().put("/data/file.bin", other);

    SimNode& leecher = node("leecher");
    const HostPort address{seeder.host.address().text(), seeder.session->port()};
    const TorrentId got = leecher.add({.what = torrent.metainfo, .peers = {address}}).value();
    ASSERT_TRUE(run_until([&] { return leecher.session->status(got).pieces_have == 6; }));
    EXPECT_THAT(seeder.states(id), Contains(TorrentState::downloading));
    EXPECT_EQ(leecher.session->status(got).wasted, 0U);
}

// By the v1 name of a hybrid nobody asks for its piece layers; it wakes up without them.
TEST_F(SessionTest, AHybridFetchedByItsV1NameWakesAgain) {
    const SampleTorrent torrent =
        SampleTorrent::make("file.bin", {{"", 200'000}}, 32 << 10, metainfo::TorrentVersion::hybrid, rng);
    SimNode& seeder = node("seeder");
    begin_seeding(seeder, torrent);
    SimNode& leecher = node("leecher");
    metainfo::Magnet magnet;
    magnet.hash.v1 = torrent.metainfo.info.hash.v1;
    magnet.peers = {{seeder.host.address().text(), seeder.session->port()}};
    const TorrentId got = leecher.add({.what = magnet}).value();
    ASSERT_TRUE(run_until([&] { return leecher.finishes(got) == 1; }));
    ASSERT_TRUE(run_until([&] { return leecher.session->load().awake == 0; }));
    SimNode& second = node("second");
    metainfo::Magnet again = magnet;
    again.peers = {{leecher.host.address().text(), leecher.session->port()}};
    const TorrentId passed_on = second.add({.what = again}).value();
    ASSERT_TRUE(run_until([&] { return second.finishes(passed_on) == 1; }));
    EXPECT_THAT(leecher.complaints, ::testing::IsEmpty());
}

TEST_F(SessionTest, WhoAsksASleeperForSomethingIsAnswered) {
    const SampleTorrent torrent = sample("file.bin");
    SimNode& seeder = node("seeder");
    const TorrentId id = begin_seeding(seeder, torrent);
    ASSERT_EQ(seeder.session->load().awake, 0U);
    std::vector<bool> answers;
    for (std::size_t i = 0; i <= 200; ++i)
        seeder.session->rename_file(id, metainfo::FileIndex(0), "other.bin",
                                    [&](const Result<void>& renamed) { answers.push_back(bool(renamed)); });
    EXPECT_THAT(answers, ElementsAre(false)) << "the one that is too much";
    ASSERT_TRUE(run_until([&] { return answers.size() == 201; }));
    EXPECT_TRUE(answers[1]);
}

TEST_F(SessionTest, WhoAsksOneThatStopsIsAnswered) {
    const std::vector torrents{sample("sleeps.bin"), sample("moves.bin")};
    SimNode& seeder = node("seeder");
    std::vector<TorrentId> ids;
    for (const SampleTorrent& torrent : torrents) {
        seeder.put(torrent);
        ids.push_back(seeder.add(seed(torrent)).value());
        ASSERT_TRUE(run_until([&] { return seeder.finishes(ids.back()) == 1; }));
    }
    std::vector<std::string> answers;
    const auto answer = [&](const Result<void>& done) {
        answers.push_back(done ? "done" : done.error().message());
    };
    seeder.session->rename_file(ids[1], metainfo::FileIndex(0), "other.bin", answer);
    ASSERT_TRUE(run_until([&] { return answers.size() == 1; }));
    ASSERT_EQ(answers.front(), "done");
    ASSERT_EQ(seeder.session->load().awake, 1U);
    seeder.host.disk().latency().sync_max = 10s;
    seeder.session->move_to(ids[1], "/elsewhere", answer);
    seeder.session->rename_file(ids[0], metainfo::FileIndex(0), "renamed.bin", answer);
    for (const TorrentId id : ids) seeder.session->remove(id);
    ASSERT_TRUE(run_until([&] { return answers.size() == 3; }));
    run_for(1min);
    EXPECT_EQ(answers.size(), 3U);
    EXPECT_THAT(answers[1], ::testing::HasSubstr("stopped"));
    EXPECT_EQ(seeder.session->torrents().size(), 0U);
}

// What is not synced yet is not said to be there, and nobody sleeps over it.
TEST_F(SessionTest, ASlowSyncIsWaitedForBeforeSleep) {
    const SampleTorrent torrent = sample("file.bin");
    SimNode& seeder = node("seeder");
    begin_seeding(seeder, torrent);
    SimNode& leecher = node("leecher");
    leecher.host.disk().latency().sync_max = 4min;
    const HostPort address{seeder.host.address().text(), seeder.session->port()};
    const TorrentId got = leecher.add({.what = torrent.metainfo, .peers = {address}}).value();
    ASSERT_TRUE(run_until([&] { return leecher.finishes(got) == 1; }, 2h));
    ASSERT_TRUE(run_until([&] { return leecher.session->load().awake == 0; }, 2h));
}

TEST_F(SessionTest, WithoutResumeStateATorrentStaysAwake) {
    const SampleTorrent torrent = sample("file.bin");
    SimNode& seeder = node("seeder", false);
    begin_seeding(seeder, torrent);
    run_for(2min);
    EXPECT_EQ(seeder.session->load().awake, 1U);
}

}  // namespace
}  // namespace spate::engine
