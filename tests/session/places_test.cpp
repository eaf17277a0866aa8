// Who gets a place for a connection when all are taken.
#include "tests/engine/raw_peer.h"
#include "tests/session/session_fixture.h"

namespace spate::engine {
namespace {

using namespace std::chrono_literals;

class PlacesTest : public SessionTest {
  protected:
    SimNode& seeder(const std::vector<SampleTorrent>& torrents, const SessionOptions& options = {},
                    const std::function<void(AddTorrent&)>& change = {}) {
        SimNode& it = *nodes_.emplace_back(std::make_unique<SimNode>(testbed, "seeder"));
        it.begin(options);
        for (const SampleTorrent& torrent : torrents) {
            it.put(torrent);
            AddTorrent shared = seed(torrent);
            if (change) change(shared);
            const TorrentId id = it.add(shared).value();
            EXPECT_TRUE(run_until([&] { return it.finishes(id) == 1; }));
        }
        return it;
    }
    sim::NodeSettings& settings_of(const SimNode& node) {
        auto& network = testbed.network();
        return network.node(*network.find_node(node.host.address())).settings;
    }
    static Endpoint endpoint(const SimNode& node) { return {node.host.address(), node.session->port()}; }

    // So many connections of one machine, which greet and then say what `speak` says.
    void crowd(const SimNode& to, const SampleTorrent& torrent, std::size_t count,
               const std::function<void(RawPeer&)>& speak = {},
               const std::optional<Address>& from = std::nullopt) {
        sim::HostSettings settings = sim::plain_host();
        if (from) settings.node.addresses.push_back(*from);
        auto& host = testbed.add_host("crowd" + std::to_string(++crowds_), settings);
        io::World& world = host.run("crowd", sim::idle_program()).world();
        for (std::size_t i = 0; i < count; ++i) {
            raws_.push_back(
                std::make_unique<RawPeer>(world, endpoint(to), *torrent.metainfo.info.hash.v1,
                                          torrent.metainfo.info.layout.piece_count(),
                                          RawPeer::Options{.id = static_cast<std::uint8_t>(i + 1)}));
            if (speak) speak(*raws_.back());
        }
    }
    // Each from another place in the world, which has one connection.
    void far_crowd(const SimNode& to, const SampleTorrent& torrent, std::size_t count,
                   const std::function<void(RawPeer&)>& speak) {
        for (std::size_t i = 0; i < count; ++i)
            crowd(to, torrent, 1, speak, Address::v4(80, static_cast<std::uint8_t>(i), 7, 7));
    }
    static void only_say_interested(RawPeer& raw) {
        raw.send(wire::HaveNone{});
        raw.send(wire::Interested{});
    }
    // When it is unchoked, for all there is; and then it reads no more.
    static void ask_and_never_read(RawPeer& raw, std::uint32_t pieces) {
        only_say_interested(raw);
        raw.on_event = [&raw, pieces](const wire::Event& event) {
            if (!std::holds_alternative<wire::Unchoke>(event)) return;
            for (std::uint32_t i = 0; i < 200; ++i)
                raw.send(wire::Request{{metainfo::PieceIndex(i % (pieces - 1)), 0, metainfo::block_size}});
            raw.stop_reading();
        };
    }
    std::size_t still_there() const {
        return static_cast<std::size_t>(
            std::ranges::count_if(raws_, [](const auto& raw) { return raw->greeted() && !raw->closed(); }));
    }
    // A download that begins now is there within that time.
    bool gets(const std::string& name, const SampleTorrent& torrent, const SimNode& from, Duration limit) {
        SimNode& leecher = node(name);
        const Endpoint to = endpoint(from);
        const TorrentId id =
            leecher.add({.what = torrent.metainfo, .peers = {{to.address.text(), to.port}}}).value();
        return run_until([&] { return leecher.finishes(id) == 1; }, limit);
    }

    std::vector<std::unique_ptr<RawPeer>> raws_;
    int crowds_ = 0;
};

TEST_F(PlacesTest, ADownloadBesideTwoHundredSilentPeersIsQuick) {
    const SampleTorrent torrent = sample("file.bin");
    SimNode& it = seeder({torrent});
    for (int i = 0; i < 7; ++i) crowd(it, torrent, 30);
    run_for(1s);
    const auto places = SessionOptions{}.torrent_connections_max;
    ASSERT_EQ(it.session->load().connected, places);
    ASSERT_EQ(still_there(), places);
    EXPECT_TRUE(gets("first", torrent, it, 8s));
    run_for(1min);
    EXPECT_GE(it.session->load().connected, places - 5) << "some are kept free for those that come";
    crowd(it, torrent, 30);
    run_for(10s);
    EXPECT_TRUE(gets("second", torrent, it, 5s));
}

TEST_F(PlacesTest, ADownloadBesideTwoHundredThatWantNothingIsQuick) {
    const SampleTorrent torrent = sample("file.bin");
    SimNode& it = seeder({torrent});
    for (int i = 0; i < 7; ++i) crowd(it, torrent, 30, [](RawPeer& raw) { raw.send(wire::HaveNone{}); });
    run_for(1s);
    ASSERT_EQ(it.session->load().connected, SessionOptions{}.torrent_connections_max);
    EXPECT_TRUE(gets("leecher", torrent, it, 8s));
}

TEST_F(PlacesTest, ADownloadBesideACrowdThatIsInterestedAndNeverAsksIsQuick) {
    const SampleTorrent torrent = sample("file.bin", 3'000'000);
    SimNode& it = seeder({torrent});
    for (int i = 0; i < 7; ++i) crowd(it, torrent, 30, only_say_interested);
    run_for(500ms);
    ASSERT_EQ(it.session->load().connected, SessionOptions{}.torrent_connections_max);
    EXPECT_TRUE(gets("first", torrent, it, 3500ms));
    run_for(1min);
    for (int i = 0; i < 4; ++i) crowd(it, torrent, 30, only_say_interested);
    EXPECT_TRUE(gets("second", torrent, it, 3500ms));
}

// The one that answers is done with its part long before the first tick.
TEST_F(PlacesTest, SeedsThatNeverAnswerDoNotHoldUpTheLastBlocks) {
    const SampleTorrent torrent = sample("file.bin", 3'000'000);
    SimNode& it = seeder({torrent});
    SimNode& leecher = node("leecher");
    const TorrentId id = leecher.add({.what = torrent.metainfo}).value();
    run_for(1s);
    crowd(leecher, torrent, 3, [](RawPeer& raw) {
        raw.send(wire::HaveAll{});
        raw.send(wire::Unchoke{});
    });
    const auto was_asked = [](const auto& raw) { return !raw->requests.empty(); };
    ASSERT_TRUE(run_until([&] { return std::ranges::all_of(raws_, was_asked); }, 5s));
    leecher.session->add_peer(id, endpoint(it));
    EXPECT_TRUE(run_until([&] { return leecher.finishes(id) == 1; }, 6s));
}

// Slots are few for them. They have said it long before.
TEST_F(PlacesTest, NorDoesSuchACrowdFromAllOverTheWorldKeepTheSlots) {
    const SampleTorrent torrent = sample("file.bin", 1'000'000);
    SessionOptions options;
    options.torrent_connections_max = 60;
    options.upload_slots = 8;
    SimNode& it = seeder({torrent}, options);
    far_crowd(it, torrent, 80, only_say_interested);
    run_for(3s);
    ASSERT_EQ(it.session->load().connected, 60U);
    EXPECT_TRUE(gets("leecher", torrent, it, 6s));
}

// They must be found out first.
TEST_F(PlacesTest, NorDoesOneThatAsksForMuchAndReadsNothing) {
    const SampleTorrent torrent = sample("file.bin", 3'000'000);
    SessionOptions options;
    options.upload_slots = 8;
    SimNode& it = seeder({torrent}, options, [](AddTorrent& shared) { shared.super_seed = SuperSeed::off; });
    far_crowd(it, torrent, 60,
              [&](RawPeer& raw) { ask_and_never_read(raw, torrent.metainfo.info.layout.piece_count()); });
    run_for(2s);
    EXPECT_TRUE(gets("first", torrent, it, 6s));
    EXPECT_TRUE(gets("second", torrent, it, 1s));
    run_for(1min);
    EXPECT_TRUE(gets("third", torrent, it, 1s));
    EXPECT_EQ(still_there(), 60U);
}

// Two seconds for a block: who waits for its slot does not get it before its turn is over.
TEST_F(PlacesTest, ASlowLinkIsNotTakenForOneThatReadsNothing) {
    const SampleTorrent torrent = sample("file.bin", 3'000'000);
    SessionOptions options;
    options.upload_slots = 1;
    SimNode& it = seeder({torrent}, options, [](AddTorrent& shared) { shared.super_seed = SuperSeed::off; });
    settings_of(it).segment_max = 1460;
    SimNode& leecher = node("leecher");
    settings_of(leecher).down_bytes_per_second = 8000;
    const Endpoint to = endpoint(it);
    const TorrentId got =
        leecher.add({.what = torrent.metainfo, .peers = {{to.address.text(), to.port}}}).value();
    ASSERT_TRUE(run_until([&] { return leecher.session->status(got).downloaded > 0; }, 10s));
    crowd(it, torrent, 1, only_say_interested);
    run_for(15s);
    EXPECT_GT(leecher.session->status(got).downloaded, 80'000U);
    EXPECT_EQ(raws_.front()->unchokes, 0);
    EXPECT_TRUE(run_until([&] { return raws_.front()->unchokes > 0; }, 30s));
}

// A block now and then.
TEST_F(PlacesTest, ACrowdThatTricklesGivesWay) {
    const SampleTorrent torrent = sample("file.bin", 1'000'000);
    SessionOptions options;
    options.torrent_connections_max = 30;
    SimNode& it = seeder({torrent}, options);
    const auto trickle = [&] {
        for (auto& raw : raws_) {
            raw->send(wire::Interested{});
            for (metainfo::PieceIndex piece; piece.value < torrent.metainfo.info.layout.piece_count();
                 ++piece)
                raw->send(wire::Request{{piece, 0, 16}});
        }
    };
    for (int i = 0; i < 2; ++i) crowd(it, torrent, 30);
    for (int i = 0; i < 5; ++i) {
        trickle();
        run_for(4s);
    }
    ASSERT_EQ(it.session->load().connected, 30U);
    EXPECT_TRUE(gets("leecher", torrent, it, 5s));
}

// At the other end: who downloads has places for those it dials, however many come and say they want
// something.
TEST_F(PlacesTest, ACrowdDoesNotKeepADownloadFromItsSeed) {
    const SampleTorrent torrent = sample("file.bin");
    SimNode& it = seeder({torrent});
    SimNode& leecher = node("leecher");
    const TorrentId id = leecher.add({.what = torrent.metainfo}).value();
    run_for(1s);
    for (int i = 0; i < 7; ++i) crowd(leecher, torrent, 30, only_say_interested);
    run_for(1s);
    ASSERT_GE(still_there(), 90U);
    leecher.session->add_peer(id, endpoint(it));
    EXPECT_TRUE(run_until([&] { return leecher.finishes(id) == 1; }, 5s));
}

// They have the places of the session, at another torrent; and wait, so that nobody gives way.
TEST_F(PlacesTest, ACrowdAtOneTorrentDoesNotKeepTheDownloadOfAnotherFromDialing) {
    const std::vector torrents{sample("one.bin"), sample("two.bin")};
    SimNode& source = seeder({torrents[1]});
    SessionOptions options;
    options.connections_max = 40;
    options.upload_slots = 1;
    SimNode& it = seeder({torrents[0]}, options);
    far_crowd(it, torrents[0], 50, only_say_interested);
    run_for(200ms);
    ASSERT_EQ(it.session->load().connected, 40U);
    const Endpoint to = endpoint(source);
    const TorrentId id =
        it.add({.what = torrents[1].metainfo, .peers = {{to.address.text(), to.port}}}).value();
    EXPECT_TRUE(run_until([&] { return it.finishes(id) == 1; }, 3s));
    EXPECT_LE(it.session->load().connected, 40U);
}

// Those of another torrent have taken all there is.
TEST_F(PlacesTest, ACrowdAtOneTorrentDoesNotCloseTheOthers) {
    const std::vector torrents{sample("one.bin"), sample("two.bin")};
    SessionOptions options;
    options.connections_max = 40;
    SimNode& it = seeder(torrents, options);
    crowd(it, torrents[0], 25);
    crowd(it, torrents[0], 25);
    run_for(1s);
    ASSERT_EQ(it.session->load().connected, 40U);
    EXPECT_TRUE(gets("leecher", torrents[1], it, 5s));
    EXPECT_LE(it.session->load().connected, 40U);
}

TEST_F(PlacesTest, ACrowdAtOneTorrentLetsOthersWakeUp) {
    const std::vector torrents{sample("one.bin"), sample("two.bin")};
    SessionOptions options;
    options.connections_max = 40;
    options.state_folder = "/state";
    SimNode& it = seeder(torrents, options);
    crowd(it, torrents[0], 1);
    run_for(1s);
    crowd(it, torrents[0], 25);
    crowd(it, torrents[0], 25);
    run_for(1s);
    ASSERT_EQ(it.session->load().connected, 40U);
    ASSERT_EQ(it.session->load().awake, 1U);
    EXPECT_TRUE(gets("leecher", torrents[1], it, 5s));
    EXPECT_LE(it.session->load().connected, 40U);
}

TEST_F(PlacesTest, WhoIsServedStaysWhoeverComes) {
    const SampleTorrent torrent = sample("file.bin", 3'000'000);
    SessionOptions options;
    options.torrent_connections_max = 4;
    SimNode& it = seeder({torrent}, options, [](AddTorrent& shared) { shared.limits.up = 400'000; });
    const Endpoint to = endpoint(it);
    for (int i = 0; i < 4; ++i)
        ASSERT_TRUE(node("leecher" + std::to_string(i))
                        .add({.what = torrent.metainfo, .peers = {{to.address.text(), to.port}}}));
    run_for(3s);
    ASSERT_EQ(it.session->load().connected, 4U);
    for (int i = 0; i < 10; ++i) {
        crowd(it, torrent, 30);
        run_for(500ms);
    }
    EXPECT_EQ(still_there(), 0U);
    EXPECT_EQ(it.session->load().connected, 4U);
}

}  // namespace
}  // namespace spate::engine
