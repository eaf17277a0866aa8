// A session while torrents come and go and everything around it fails.
#include "tests/engine/raw_peer.h"
#include "tests/session/session_fixture.h"

namespace spate::engine {
namespace {

using namespace std::chrono_literals;
using announce::Event;

wire::BlockRequest block_of(const SampleTorrent& torrent, std::uint32_t number) {
    const auto& layout = torrent.metainfo.info.layout;
    const auto in_piece = static_cast<std::uint32_t>(layout.piece_length() / metainfo::block_size);
    const metainfo::PieceIndex piece(number / in_piece % (layout.piece_count() - 1));
    return {piece, number % in_piece * metainfo::block_size, metainfo::block_size};
}
using ::testing::Contains;

// It reads nothing: what is cancelled was taken from the limit, and waits to be sent.
TEST_F(SessionTest, WhoAsksAndCancelsBurnsNoUploadLimit) {
    constexpr std::uint64_t rate = 200'000;
    const SampleTorrent torrent = sample("file.bin", 20'000'000);
    SimNode& seeder = node("seeder");
    seeder.put(torrent);
    AddTorrent shared = seed(torrent);
    shared.super_seed = SuperSeed::off;
    shared.limits.up = rate;
    const TorrentId id = seeder.add(shared).value();
    ASSERT_TRUE(run_until([&] { return seeder.finishes(id) == 1; }));
    const Endpoint to{seeder.host.address(), seeder.session->port()};
    SimNode& leecher = node("leecher");
    const TorrentId got =
        leecher.add({.what = torrent.metainfo, .peers = {{to.address.text(), to.port}}}).value();
    io::World& world =
        testbed.add_host("teaser", sim::plain_host()).run("teaser", sim::idle_program()).world();
    RawPeer teaser(world, to, *torrent.metainfo.info.hash.v1, torrent.metainfo.info.layout.piece_count(),
                   {.reads = false});
    teaser.send(wire::Interested{});
    std::uint32_t next = 0;
    const auto tease = [&](Duration length) {
        for (const TimePoint end = testbed.simulation().now() + length; testbed.simulation().now() < end;) {
            for (std::uint32_t i = 0; i < 16; ++i) teaser.send(wire::Request{block_of(torrent, next + i)});
            run_for(200ms);
            for (std::uint32_t i = 0; i < 16; ++i) teaser.send(wire::Cancel{block_of(torrent, next + i)});
            next += 16;
            run_for(50ms);
        }
    };
    tease(15s);  // until both are served
    const auto uploaded = [&] { return seeder.session->status(id).uploaded; };
    const std::uint64_t before = uploaded();
    const std::uint64_t to_leecher = leecher.session->status(got).downloaded;
    const TimePoint from = testbed.simulation().now();
    tease(40s);
    const double seconds = std::chrono::duration<double>(testbed.simulation().now() - from).count();
    EXPECT_FALSE(teaser.closed());
    EXPECT_NEAR(static_cast<double>(uploaded() - before) / seconds, rate, rate / 100.0);
    EXPECT_GT(leecher.session->status(got).downloaded - to_leecher, rate * 40 * 4 / 10);
}

TEST_F(SessionTest, WhatCouldNotBeReadIsLookedAtAgainAlsoAfterAStateThatCouldNotBeSaved) {
    const SampleTorrent torrent = sample("file.bin");
    SimNode& seeder = node("seeder");
    seeder.put(torrent);
    AddTorrent shared = seed(torrent);
    shared.on_disk = OnDisk::resume;
    const TorrentId id = seeder.add(shared).value();
    ASSERT_TRUE(run_until([&] { return seeder.finishes(id) == 1; }));
    run_for(5s);  // a state says so
    auto& faults = seeder.host.disk().faults();
    faults.read_error = faults.sync_error = 1'000'000;
    SimNode& leecher = node("leecher");
    const std::string seeder_address = seeder.host.address().text();
    const TorrentId got =
        leecher.add({.what = torrent.metainfo, .peers = {{seeder_address, seeder.session->port()}}}).value();
    const auto state = [&] { return seeder.session->status(id).state; };
    ASSERT_TRUE(run_until([&] { return state() == TorrentState::waiting; }));
    run_for(2500ms);  // the next state cannot be saved
    faults = {};
    EXPECT_TRUE(run_until([&] { return leecher.finishes(got) == 1; }, 2min));
    EXPECT_EQ(state(), TorrentState::seeding);
}

TEST_F(SessionTest, TheSameTorrentIsTakenOnce) {
    const SampleTorrent torrent = sample("file.bin");
    SimNode& one = node("node");
    ASSERT_TRUE(one.add({.what = torrent.metainfo}));
    metainfo::Magnet magnet;
    magnet.hash = torrent.metainfo.info.hash;
    const auto again = one.add({.what = magnet});
    ASSERT_FALSE(again);
    EXPECT_TRUE(again.error().is(std::errc::file_exists));
    EXPECT_EQ(one.session->torrents().size(), 1U);
}

// What was fetched is not lost, and the two never write the same files.
TEST_F(SessionTest, ATorrentThatWasRemovedCanBeAddedAtOnce) {
    const SampleTorrent torrent = sample("file.bin", 3'000'000);
    SimNode& seeder = node("seeder");
    begin_seeding(seeder, torrent);
    const HostPort address{seeder.host.address().text(), seeder.session->port()};

    SimNode& leecher = node("leecher");
    const AddTorrent what{.what = torrent.metainfo,
                          .trackers = {"udp://tracker:6969/announce"},
                          .peers = {address},
                          .limits = {.down = 300'000}};
    TorrentId id = leecher.add(what).value();
    ASSERT_TRUE(run_until([&] { return leecher.session->status(id).bytes_have > 1'000'000; }));
    for (int i = 0; i < 3; ++i) {
        leecher.session->remove(id);
        id = leecher.add(what).value();
        run_for(300ms);
    }
    ASSERT_TRUE(run_until([&] { return leecher.session->status(id).state == TorrentState::downloading; }));
    EXPECT_GT(leecher.session->status(id).bytes_have, 1'000'000U);
    EXPECT_THAT(leecher.states(id), ::testing::Not(Contains(TorrentState::checking)));
    ASSERT_TRUE(run_until([&] { return leecher.finishes(id) == 1; }));
    EXPECT_EQ(*leecher.host.disk().get("/data/file.bin"), torrent.files.front().second);
}

// Dials, announces, handshakes, jobs: whatever is under way.
TEST_F(SessionTest, TorrentsMayBeRemovedAtAnyMoment) {
    const SampleTorrent torrent = sample("file.bin", 1'000'000);
    SimNode& seeder = node("seeder");
    begin_seeding(seeder, torrent);
    const HostPort address{seeder.host.address().text(), seeder.session->port()};
    SimNode& leecher = node("leecher");
    Duration pause = 1ms;
    for (int i = 0; i < 30; ++i, pause += pause / 4) {
        const auto id = leecher.add({.what = torrent.metainfo,
                                     .trackers = {"http://tracker:6969/announce"},
                                     .peers = {address, {"nowhere", 1}, {"10.9.9.9", 6881}}});
        ASSERT_TRUE(id);
        run_for(pause);
        leecher.session->remove(*id);
    }
    run_for(20s);
    EXPECT_EQ(leecher.session->load().connected, 0U);
    EXPECT_EQ(leecher.session->load().half_open, 0U);
    EXPECT_EQ(leecher.session->load().awake, 0U);
    EXPECT_EQ(leecher.session->load().announcing, 0U);
}

TEST_F(SessionTest, ATorrentMayBeRemovedFromInsideItsOwnEvent) {
    const SampleTorrent torrent = sample("file.bin");
    SimNode& seeder = node("seeder");
    SimNode& leecher = node("leecher");
    seeder.put(torrent);
    seeder.when_finished = [&](TorrentId id) { EXPECT_TRUE(seeder.session->status(id).complete()); };
    ASSERT_TRUE(seeder.add(seed(torrent)));
    bool removed = false;
    leecher.when_finished = [&](TorrentId id) {
        leecher.session->remove(id);
        removed = true;
    };
    const HostPort address{seeder.host.address().text(), seeder.session->port()};
    ASSERT_TRUE(leecher.add({.what = torrent.metainfo, .peers = {address}}));
    ASSERT_TRUE(run_until([&] { return removed; }));
    run_for(10s);
    EXPECT_TRUE(leecher.session->torrents().empty());
    EXPECT_EQ(leecher.session->load().awake, 0U);
}

TEST_F(SessionTest, AStopEndsInTimeWhileTrackersAreSilent) {
    SimNode& seeder = node("seeder");
    for (int i = 0; i < 50; ++i) {
        const SampleTorrent torrent = sample("file" + std::to_string(i), 40'000);
        seeder.put(torrent);
        ASSERT_TRUE(
            seeder.add(seed(torrent, {i % 2 == 0 ? "http://tracker:6969/announce" : "udp://tracker:6969"})));
    }
    ASSERT_TRUE(run_until([&] { return tracker->announced.size() == 50; }));
    tracker->silent = true;
    bool stopped = false;
    const TimePoint begin = testbed.simulation().now();
    seeder.session->stop([&] { stopped = true; });
    ASSERT_TRUE(run_until([&] { return stopped; }));
    EXPECT_LE(testbed.simulation().now() - begin, Session::stop_time + 100ms);
}

TEST_F(SessionTest, AMagnetMayBeRemovedWhenItsMetainfoCame) {
    const SampleTorrent torrent = sample("file.bin");
    SimNode& seeder = node("seeder");
    begin_seeding(seeder, torrent);
    SimNode& leecher = node("leecher");
    bool removed = false;
    leecher.when_metainfo = [&](TorrentId id) {
        leecher.session->remove(id);
        removed = true;
    };
    metainfo::Magnet magnet;
    magnet.hash = torrent.metainfo.info.hash;
    magnet.peers = {{seeder.host.address().text(), seeder.session->port()}};
    const TorrentId id = leecher.add({.what = magnet}).value();
    ASSERT_TRUE(run_until([&] { return removed; }));
    run_for(10s);
    EXPECT_THAT(leecher.states(id), ::testing::ElementsAre(TorrentState::metadata));
    EXPECT_EQ(leecher.session->load().awake, 0U);
}

// Jobs that were under way do not bring it back to life.
TEST_F(SessionTest, ATorrentThatIsStoppedWhileItIsCheckedStaysStopped) {
    const SampleTorrent torrent = sample("file.bin", 3'000'000);
    SimNode& seeder = node("seeder");
    seeder.put(torrent);
    const TorrentId id =
        seeder.add({.what = torrent.metainfo, .trackers = {"http://tracker:6969/announce"}}).value();
    ASSERT_TRUE(run_until(
        [&] { return !seeder.states(id).empty() && seeder.states(id).back() == TorrentState::checking; }));
    bool stopped = false;
    seeder.session->stop([&] { stopped = true; });
    ASSERT_TRUE(run_until([&] { return stopped; }));
    run_for(10s);
    EXPECT_EQ(seeder.states(id).back(), TorrentState::checking);
    EXPECT_TRUE(tracker->announced.empty());
}

TEST_F(SessionTest, AStopWaitsForWhatWasJustRemoved) {
    const SampleTorrent torrent = sample("file.bin");
    SimNode& seeder = node("seeder");
    seeder.put(torrent);
    const TorrentId id = seeder.add(seed(torrent)).value();
    ASSERT_TRUE(run_until([&] { return tracker->announced.size() == 1; }));
    run_for(1s);
    seeder.session->remove(id);
    bool stopped = false;
    seeder.session->stop([&] { stopped = true; });
    ASSERT_TRUE(run_until([&] { return stopped; }));
    seeder.session.reset();
    run_for(1s);
    EXPECT_EQ(tracker->events().back(), Event::stopped);
}

TEST_F(SessionTest, AllTrackersHearThatASessionStops) {
    SimNode& seeder = node("seeder");
    for (int i = 0; i < 300; ++i) {
        const SampleTorrent torrent = sample("file" + std::to_string(i), 40'000);
        seeder.put(torrent);
        ASSERT_TRUE(seeder.add(seed(torrent)));
    }
    ASSERT_TRUE(run_until([&] { return tracker->announced.size() == 300; }));
    run_for(1s);  // and the answers came
    bool stopped = false;
    seeder.session->stop([&] { stopped = true; });
    ASSERT_TRUE(run_until([&] { return stopped; }));
    const auto events = tracker->events();
    EXPECT_EQ(std::ranges::count(events, Event::stopped), 300);
}

TEST_F(SessionTest, APortThatIsTakenIsPassedOver) {
    SimNode& one = node("node");
    EXPECT_EQ(one.session->port(), 6881);
    NoLog log;
    SimNode events(testbed, "events");
    SessionOptions options;
    Session second(one.world(), options, events, log);
    EXPECT_EQ(second.start().value(), 6882);
    options.port_last = 6882;
    Session third(one.world(), options, events, log);
    const auto refused = third.start();
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().is(std::errc::address_in_use));
    options.must_listen = false;
    Session fourth(one.world(), options, events, log);
    EXPECT_EQ(fourth.start().value(), 0);
}

TEST_F(SessionTest, HalfOpenConnectionsStayBelowTheirLimit) {
    const SampleTorrent torrent = sample("file.bin");
    SimNode& one = node("node");
    std::vector<HostPort> nobody;
    for (int i = 1; i <= 100; ++i) nobody.push_back({"10.200.0." + std::to_string(i), 6881});
    ASSERT_TRUE(one.add({.what = torrent.metainfo, .peers = nobody}));
    std::uint32_t most = 0;
    for (int i = 0; i < 100; ++i) {
        run_for(200ms);
        most = std::max(most, one.session->load().half_open);
    }
    EXPECT_LE(most, SessionOptions{}.half_open_max);
    EXPECT_GE(most, SessionOptions{}.half_open_max / 2);
}

// A big file on a slow disk: the next try comes while it is still looked at.
TEST_F(SessionTest, WhatIsLostWhileOtherPiecesAreCheckedIsCheckedAfterThem) {
    const SampleTorrent torrent = SampleTorrent::make("both", {{"a", 4 << 20}, {"b", 128 << 10}}, 32 << 10,
                                                      metainfo::TorrentVersion::v1, rng);
    const std::uint32_t pieces = torrent.metainfo.info.layout.piece_count();
    SimNode& seeder = node("seeder");
    seeder.put(torrent);
    AddTorrent shared = seed(torrent);
    shared.super_seed = SuperSeed::off;
    const TorrentId id = seeder.add(shared).value();
    ASSERT_TRUE(run_until([&] { return seeder.finishes(id) == 1; }));
    io::World& world = testbed.add_host("asker", sim::plain_host()).run("asker", sim::idle_program()).world();
    RawPeer asker(world, {seeder.host.address(), seeder.session->port()}, *torrent.metainfo.info.hash.v1,
                  pieces, {});
    asker.send(wire::Interested{});
    ASSERT_TRUE(run_until([&] { return asker.unchokes == 1; }));
    const auto pieces_there = [&] { return seeder.session->status(id).pieces_have; };
    // Written once more, the same: it must be looked at again.
    const auto change = [&](std::size_t file, std::uint32_t piece) {
        const auto& [path, bytes] = torrent.files[file];
        seeder.host.disk().put("/data/" + path, bytes);
        asker.send(wire::Request{{metainfo::PieceIndex(piece), 0, metainfo::block_size}});
    };
    seeder.host.disk().latency().read_max = 2s;
    change(0, 0);
    ASSERT_TRUE(run_until([&] { return pieces_there() == 4; }));
    ASSERT_TRUE(run_until([&] { return pieces_there() > 4; }));
    change(1, pieces - 1);
    std::uint32_t before = pieces_there();
    ASSERT_TRUE(run_until([&] {
        const std::uint32_t last = std::exchange(before, pieces_there());
        return before < last;
    }));
    EXPECT_LT(before, pieces / 2) << "the check was over too soon";
    EXPECT_TRUE(run_until([&] { return pieces_there() == pieces; }));
    EXPECT_EQ(seeder.session->status(id).state, TorrentState::seeding);
}

}  // namespace
}  // namespace spate::engine
