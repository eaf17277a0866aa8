// Several sessions of one program, as one, in the simulated world: the same caps, ledgers and database.
#include "engine/shards.h"

#include <array>
#include <set>

#include "engine/classic_port.h"
#include "engine/inbound.h"
#include "tests/session/session_fixture.h"

namespace spate::engine {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Each shard has the same world: one thread, as everything here.
class ShardsNode final : public SessionEvents {
  public:
    ShardsNode(sim::Testbed& testbed, const std::string& name)
        : host(testbed.add_host(name, sim::plain_host())), process_(host.run("node", sim::idle_program())) {}

    void begin(unsigned count, const SessionOptions& options) {
        ports.clear();
        const std::vector<io::World> worlds(count, process_.world());
        shards = std::make_unique<Shards>(process_.world(), worlds, options, *this, log_);
        shards->start([this](Result<std::vector<std::uint16_t>> got) { ports = got.value(); });
    }
    void put(const SampleTorrent& sample) {
        for (const auto& [path, bytes] : sample.files) host.disk().put("/data/" + path, bytes);
    }
    TorrentId add(AddTorrent torrent) {
        torrent.folder = "/data";
        return shards->add(std::move(torrent)).value();
    }
    std::vector<HostPort> addresses() const {
        std::vector<HostPort> all;
        for (const auto port : ports) all.push_back({host.address().text(), port});
        return all;
    }
    io::World& world() { return process_.world(); }

    struct KeptLog final : Log {
        void write(LogLevel, std::string_view text) override { lines.emplace_back(text); }
        std::vector<std::string> lines;
    };
    sim::Host& host;
    std::unique_ptr<Shards> shards;
    std::vector<std::uint16_t> ports;
    std::set<TorrentId> finished;
    std::vector<TorrentState> states;
    std::vector<std::string> errors;
    KeptLog log_;

  private:
    void on_state(TorrentId, TorrentState state) override { states.push_back(state); }
    void on_finished(TorrentId id) override {
        EXPECT_NE(shards->metainfo_of(id), nullptr);
        EXPECT_EQ(shards->status(id).pieces_have, shards->status(id).pieces_total);
        finished.insert(id);
    }
    void on_error(TorrentId, const Error& error) override { errors.push_back(error.message()); }

    sim::Process& process_;
};

class ShardsTest : public SessionTest {
  protected:
    ShardsNode& shards(const std::string& name, unsigned count, SessionOptions options = {}) {
        ShardsNode& made = *made_.emplace_back(std::make_unique<ShardsNode>(testbed, name));
        made.begin(count, options);
        EXPECT_TRUE(run_until([&] { return !made.ports.empty(); }));
        return made;
    }
    std::vector<SampleTorrent> samples(int count, std::uint64_t size) {
        std::vector<SampleTorrent> all;
        for (int i = 0; i < count; ++i) all.push_back(sample("file-" + std::to_string(i), size));
        return all;
    }
    std::vector<TorrentId> seed_all(ShardsNode& node, const std::vector<SampleTorrent>& torrents) {
        std::vector<TorrentId> ids;
        for (const auto& torrent : torrents) {
            node.put(torrent);
            ids.push_back(node.add(seed(torrent)));
        }
        EXPECT_TRUE(run_until([&] { return node.finished.size() == torrents.size(); }));
        return ids;
    }
    void look(ShardsNode& node) {
        bool looked = false;
        node.shards->look([&] { looked = true; });
        ASSERT_TRUE(run_until([&] { return looked; }));
    }
    void stop(ShardsNode& node) {
        bool stopped = false;
        node.shards->stop([&] { stopped = true; });
        ASSERT_TRUE(run_until([&] { return stopped; }));
    }
    static metainfo::Magnet magnet(const metainfo::InfoHash& hash) {
        metainfo::Magnet magnet;
        magnet.hash = hash;
        return magnet;
    }

    std::vector<std::unique_ptr<ShardsNode>> made_;
};

TEST_F(ShardsTest, TorrentsAreSpreadAndEachAnnouncesItsShardsPort) {
    const auto torrents = samples(6, 300'000);
    ShardsNode& seeder = shards("seeder", 3);
    EXPECT_THAT(seeder.ports, ::testing::ElementsAre(6881, 6882, 6883));
    const auto ids = seed_all(seeder, torrents);
    std::map<std::uint16_t, int> by_port;
    for (const TorrentId id : ids) ++by_port[seeder.shards->port_of(id)];
    EXPECT_THAT(by_port, ::testing::Each(::testing::Field(&std::pair<const std::uint16_t, int>::second, 2)));
    ASSERT_TRUE(run_until([&] { return tracker->announced.size() == 6; }));
    for (const auto& one : tracker->announced) {
        const auto of = std::ranges::find_if(torrents, [&](const SampleTorrent& torrent) {
            return torrent.metainfo.info.hash.v1 == one.request.swarm;
        });
        ASSERT_NE(of, torrents.end());
        EXPECT_EQ(one.request.port,
                  seeder.shards->port_of(ids[static_cast<std::size_t>(of - torrents.begin())]));
    }

    // Whoever asks a shard for what another has is sent away.
    ShardsNode& leecher = shards("leecher", 2);
    for (const auto& torrent : torrents)
        leecher.add({.what = magnet(torrent.metainfo.info.hash), .peers = seeder.addresses()});
    ASSERT_TRUE(run_until([&] { return leecher.finished.size() == 6; }));
    EXPECT_THAT(leecher.errors, IsEmpty());
    look(seeder);
    for (const TorrentId id : ids) EXPECT_GE(seeder.shards->status(id).uploaded, 300'000U);
    stop(seeder);
    EXPECT_EQ(std::ranges::count(tracker->events(), announce::Event::stopped), 6);
}

TEST_F(ShardsTest, TogetherTheyKeepOneRate) {
    constexpr std::uint64_t rate = 400'000;
    const auto torrents = samples(3, 12'000'000);
    SessionOptions options;
    options.limits.up = rate;
    ShardsNode& seeder = shards("seeder", 2, options);
    const auto ids = seed_all(seeder, torrents);
    ShardsNode& leecher = shards("leecher", 2);
    for (const auto& torrent : torrents) leecher.add({.what = torrent.metainfo, .peers = seeder.addresses()});
    const auto given = [&] {
        look(seeder);
        std::vector<std::uint64_t> each;
        for (const TorrentId id : ids) each.push_back(seeder.shards->status(id).uploaded);
        return each;
    };
    run_for(10s);
    const auto before = given();
    const TimePoint from = seeder.world().reactor.now();
    run_for(40s);
    const auto after = given();
    const double seconds = std::chrono::duration<double>(seeder.world().reactor.now() - from).count();
    double sum = 0;
    std::map<std::uint16_t, double> by_shard;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const auto more = static_cast<double>(after[i] - before[i]);
        sum += more;
        by_shard[seeder.shards->port_of(ids[i])] += more;
    }
    EXPECT_NEAR(sum / seconds, rate, rate / 100.0);
    for (const auto& [port, bytes] : by_shard) EXPECT_NEAR(bytes / seconds, rate / 2.0, rate / 50.0) << port;
}

TEST_F(ShardsTest, TogetherTheyKeepTheConnectionCapAndNoneStarves) {
    const auto torrents = samples(2, 4'000'000);
    SessionOptions options;
    options.connections_max = 8;
    options.limits.up = 100'000;
    ShardsNode& seeder = shards("seeder", 2, options);
    seed_all(seeder, torrents);
    std::vector<ShardsNode*> leechers;
    // All want the one; those who want the other come later.
    for (int i = 0; i < 12; ++i) {
        leechers.push_back(&shards("leecher" + std::to_string(i), 1));
        leechers.back()->add({.what = torrents[i < 8 ? 0 : 1].metainfo, .peers = seeder.addresses()});
        run_for(1s);
    }
    std::vector<std::uint32_t> most(2);
    for (int i = 0; i < 60; ++i) {
        run_for(1s);
        look(seeder);
        std::uint32_t all = 0;
        for (std::size_t shard = 0; shard < 2; ++shard) {
            const SessionLoad& load = seeder.shards->load()[shard];
            all += load.connected + load.half_open;
            most[shard] = std::max(most[shard], load.connected);
        }
        ASSERT_LE(all, 8U);
    }
    EXPECT_GE(std::ranges::max(most), 5U) << "more than its own part, while the other was idle";
    EXPECT_GE(std::ranges::min(most), 2U) << "its own part, though the other took all there was";
}

// Connections without a handshake, and those of classic peers: so many in all, however many ports there are.
TEST_F(ShardsTest, TogetherTheyKeepTheCapsOfWhoArrives) {
    ShardsNode& node = shards("node", 2);
    for (const auto& torrent : samples(2, 100'000)) {
        node.put(torrent);
        auto shared = seed(torrent);
        shared.classic = ClassicEntry{{"tracker", 3456}, torrent.files.front().first};
        node.add(std::move(shared));
    }
    ASSERT_TRUE(run_until([&] { return node.finished.size() == 2; }));
    std::vector<io::World*> clients;
    for (int i = 0; i < 12; ++i)
        clients.push_back(&testbed.add_host("client" + std::to_string(i), sim::plain_host())
                               .run("client", sim::idle_program())
                               .world());
    for (const std::string text : {"", "<GET "}) {
        std::vector<std::unique_ptr<io::Pending>> connecting;
        std::vector<std::unique_ptr<io::Stream>> streams;
        for (const auto port : node.ports)
            for (auto* client : clients)
                for (int i = 0; i < 20; ++i)
                    connecting.push_back(client->network.connect(
                        {node.host.address(), port}, [&](Result<std::unique_ptr<io::Stream>> stream) {
                            ASSERT_TRUE(stream);
                            const std::array parts{as_bytes(text)};
                            EXPECT_TRUE(text.empty() || (*stream)->write(parts));
                            streams.push_back(std::move(*stream));
                        }));
        run_for(5s);
        EXPECT_EQ(streams.size(), connecting.size());
        look(node);
        std::uint32_t all = 0;
        for (const SessionLoad& load : node.shards->load()) {
            const auto here = text.empty() ? load.arriving : load.classic;
            EXPECT_GE(here, 64U) << "its own part";
            all += here;
        }
        EXPECT_EQ(all, text.empty() ? Inbound::arrivals_max : ClassicPort::connections_max);
        streams.clear();
        run_for(2s);
    }
}

// However many ports there are; but whoever fills one does not close the others to its address.
TEST_F(ShardsTest, OneAddressHasItsShareOfTheArrivalsOnceAndAPlaceAtEachPort) {
    ShardsNode& node = shards("node", 4);
    io::World& client =
        testbed.add_host("client", sim::plain_host()).run("client", sim::idle_program()).world();
    std::vector<std::unique_ptr<io::Pending>> connecting;
    std::vector<std::unique_ptr<io::Stream>> streams;
    for (const auto port : node.ports)
        for (int i = 0; i < 40; ++i)
            connecting.push_back(client.network.connect({node.host.address(), port},
                                                        [&](Result<std::unique_ptr<io::Stream>> stream) {
                                                            ASSERT_TRUE(stream);
                                                            streams.push_back(std::move(*stream));
                                                        }));
    run_for(5s);
    EXPECT_EQ(streams.size(), connecting.size());
    look(node);
    std::uint32_t all = 0;
    for (const SessionLoad& load : node.shards->load()) {
        EXPECT_GE(load.arriving, 1U);
        all += load.arriving;
    }
    EXPECT_GE(all, Inbound::per_address_max);
    EXPECT_LE(all, Inbound::per_address_max + 3);
}

TEST_F(ShardsTest, WithFewerFreePortsThereAreFewerShards) {
    SessionOptions options;
    options.port_first = 7000;
    options.port_last = 7001;
    ShardsNode& seeder = shards("seeder", 4, options);
    EXPECT_THAT(seeder.ports, ::testing::ElementsAre(7000, 7001));
    EXPECT_THAT(seeder.log_.lines,
                Contains("only 2 of the ports 7000 to 7001 are free: 2 of 4 shards are used"));
    const auto torrents = samples(3, 100'000);
    seed_all(seeder, torrents);

    // None: one that only connects outwards.
    ShardsNode& other = *made_.emplace_back(std::make_unique<ShardsNode>(testbed, "other"));
    struct : io::ListenerHandler {
        void on_accept(std::unique_ptr<io::Stream>) override {}
        void on_accept_error(const Error&) override {}
    } taken;
    const auto first = other.world().network.listen({Address(), 7000}, taken);
    const auto second = other.world().network.listen({Address(), 7001}, taken);
    options.must_listen = false;
    other.begin(2, options);
    ASSERT_TRUE(run_until([&] { return !other.ports.empty(); }));
    EXPECT_THAT(other.ports, ::testing::ElementsAre(0));
    EXPECT_THAT(other.log_.lines, Contains(HasSubstr("ports 7000 to 7001 are all taken")));
    for (const auto& torrent : torrents) other.add({.what = torrent.metainfo, .peers = seeder.addresses()});
    ASSERT_TRUE(run_until([&] { return other.finished.size() == 3; }));
}

TEST_F(ShardsTest, OneContentIsNeverInTwoShards) {
    const auto hybrid =
        SampleTorrent::make("hybrid.bin", {{"", 200'000}}, 32 << 10, metainfo::TorrentVersion::hybrid, rng);
    ShardsNode& seeder = shards("seeder", 2);
    seed_all(seeder, {hybrid});
    EXPECT_FALSE(seeder.shards->add(seed(hybrid)));
    EXPECT_FALSE(seeder.shards->add({.what = magnet({.v1 = hybrid.metainfo.info.hash.v1, .v2 = {}})}));

    for (const unsigned count : {1U, 2U}) {
        ShardsNode& leecher = shards("leecher" + std::to_string(count), count);
        const TorrentId by_v1 = leecher.add(
            {.what = magnet({.v1 = hybrid.metainfo.info.hash.v1, .v2 = {}}), .peers = seeder.addresses()});
        const TorrentId by_v2 = leecher.add(
            {.what = magnet({.v1 = {}, .v2 = hybrid.metainfo.info.hash.v2}), .peers = seeder.addresses()});
        EXPECT_EQ(leecher.shards->port_of(by_v1) == leecher.shards->port_of(by_v2), count == 1);
        ASSERT_TRUE(run_until([&] { return leecher.finished.size() + leecher.errors.size() == 2; }));
        EXPECT_THAT(leecher.errors, ::testing::ElementsAre(HasSubstr("by another of its info-hashes")));
        EXPECT_EQ(leecher.host.disk().get("/data/hybrid.bin"), hybrid.files.front().second);
    }
}

TEST_F(ShardsTest, WhatIsRemovedAndAddedAgainGoesToItsShard) {
    const auto torrents = samples(3, 100'000);
    SessionOptions options;
    options.state_folder = "/state";
    ShardsNode& node = shards("node", 2, options);
    const auto ids = seed_all(node, torrents);
    const auto port = node.shards->port_of(ids[0]);
    node.shards->remove(ids[0]);
    const TorrentId again = node.add(seed(torrents[0]));
    EXPECT_EQ(node.shards->port_of(again), port);
    ASSERT_TRUE(run_until([&] { return node.finished.contains(again); }));
    EXPECT_THAT(node.shards->torrents(), Not(Contains(ids[0])));
    // At rest, it is anybody's again.
    node.shards->remove(again);
    node.shards->remove(ids[1]);
    node.shards->remove(ids[2]);
    run_for(30s);
    for (const auto& torrent : torrents) node.add(seed(torrent));
    ASSERT_TRUE(run_until([&] { return node.finished.size() == 7; }));
    EXPECT_THAT(node.errors, IsEmpty());
}

TEST_F(ShardsTest, TheyKeepOneResumeStateWhateverTheirNumber) {
    const auto torrents = samples(5, 200'000);
    SessionOptions options;
    options.state_folder = "/state";
    ShardsNode& seeder = shards("seeder", 1);
    seed_all(seeder, torrents);
    ShardsNode& leecher = shards("leecher", 2, options);
    const auto get_all = [&] {
        leecher.finished.clear();
        leecher.states.clear();
        for (const auto& torrent : torrents)
            leecher.add({.what = torrent.metainfo, .peers = seeder.addresses()});
        EXPECT_TRUE(run_until([&] { return leecher.finished.size() == 5; }));
    };
    get_all();
    EXPECT_THAT(leecher.states, Contains(TorrentState::downloading));
    for (const unsigned count : {3U, 1U}) {
        stop(leecher);
        leecher.shards.reset();
        leecher.begin(count, options);
        ASSERT_TRUE(run_until([&] { return !leecher.ports.empty(); }));
        get_all();
        EXPECT_THAT(leecher.states, Not(Contains(TorrentState::checking)));
        EXPECT_THAT(leecher.states, Not(Contains(TorrentState::downloading)));
    }
    EXPECT_THAT(leecher.log_.lines, IsEmpty());
}

}  // namespace
}  // namespace spate::engine
