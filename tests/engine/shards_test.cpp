// Shards on threads of their own, over real sockets and files.
#include "engine/shards.h"

#include <gmock/gmock.h>
#include <set>

#include "io/linux/loop_thread.h"
#include "tests/engine/swarm_fixture.h"

namespace spate::engine {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Not;

class ShardsNode final : public SessionEvents {
  public:
    ShardsNode(io_linux::Loop& loop, const std::filesystem::path& folder, unsigned count,
               SessionOptions options)
        : folder_(folder) {
        options.bind = Address::loopback();
        options.port_first = options.port_last = 0;
        std::filesystem::create_directories(folder_);
        std::vector<io::World> worlds;
        for (unsigned i = 0; i < count; ++i)
            worlds.push_back(threads_.emplace_back(std::make_unique<io_linux::LoopThread>(loop))->world());
        shards = std::make_unique<Shards>(loop.world(), worlds, options, *this, log_);
        shards->start([this](Result<std::vector<std::uint16_t>> got) { ports = got.value(); });
    }
    ~ShardsNode() override {
        for (auto& thread : threads_) thread->stop();
    }
    TorrentId add(AddTorrent torrent) {
        torrent.folder = folder_.string();
        return shards->add(std::move(torrent)).value();
    }
    std::vector<HostPort> addresses() const {
        std::vector<HostPort> all;
        for (const auto port : ports) all.push_back({"127.0.0.1", port});
        return all;
    }

    std::vector<std::uint16_t> ports;
    std::set<TorrentId> finished;
    std::vector<TorrentState> states;
    std::vector<std::string> errors;

  private:
    void on_state(TorrentId, TorrentState state) override { states.push_back(state); }
    void on_finished(TorrentId id) override { finished.insert(id); }
    void on_error(TorrentId, const Error& error) override { errors.push_back(error.message()); }

    const std::filesystem::path folder_;
    NoLog log_;
    std::vector<std::unique_ptr<io_linux::LoopThread>> threads_;

  public:
    std::unique_ptr<Shards> shards;  // goes before its threads' loops
};

class ShardsLoopbackTest : public SwarmTest {
  protected:
    std::unique_ptr<ShardsNode> shards(const std::string& name, unsigned count, SessionOptions options = {}) {
        auto made = std::make_unique<ShardsNode>(loop_, folder_ / name, count, options);
        EXPECT_TRUE(run_until([&] { return made->ports.size() == count; }));
        return made;
    }
    void put(const std::string& name, const SampleTorrent& sample) {
        for (const auto& [path, bytes] : sample.files)
            std::ofstream(folder_ / name / path, std::ios::binary)
                .write(reinterpret_cast<const char*>(bytes.data()),
                       static_cast<std::streamsize>(bytes.size()));
    }
    bool has(const std::string& name, const SampleTorrent& sample) {
        std::ifstream in(folder_ / name / sample.files.front().first, std::ios::binary);
        const std::vector<char> there((std::istreambuf_iterator<char>(in)), {});
        return std::ranges::equal(there, sample.files.front().second, {},
                                  [](char c) { return static_cast<std::uint8_t>(c); });
    }
    std::vector<SampleTorrent> samples(int count, std::uint64_t size) {
        std::vector<SampleTorrent> all;
        for (int i = 0; i < count; ++i)
            all.push_back(SampleTorrent::make("file-" + std::to_string(i), {{"", size}}, 32 << 10,
                                              metainfo::TorrentVersion::v1, rng_));
        return all;
    }
    void stop(ShardsNode& node) {
        bool stopped = false;
        node.shards->stop([&] { stopped = true; });
        ASSERT_TRUE(run_until([&] { return stopped; }));
    }
};

TEST_F(ShardsLoopbackTest, AllIsTransferredWithinOneRateAndRemembered) {
    constexpr std::uint64_t rate = 12'000'000;
    const auto torrents = samples(6, 1'500'000);
    SessionOptions limited;
    limited.limits.up = rate;
    const auto seeder = shards("seeder", 2, limited);
    std::vector<TorrentId> seeds;
    for (const auto& torrent : torrents) {
        put("seeder", torrent);
        seeds.push_back(seeder->add({.what = torrent.metainfo, .on_disk = OnDisk::just_hashed}));
    }
    ASSERT_TRUE(run_until([&] { return seeder->finished.size() == torrents.size(); }));
    std::map<std::uint16_t, int> by_port;
    for (const TorrentId id : seeds) ++by_port[seeder->shards->port_of(id)];
    EXPECT_EQ(by_port.size(), 2U);

    SessionOptions options;
    options.state_folder = (folder_ / "state").string();
    auto leecher = shards("leecher", 2, options);
    const TimePoint begin = loop_.world().reactor.now();
    const auto get_all = [&] {
        for (const auto& torrent : torrents)
            leecher->add({.what = torrent.metainfo, .peers = seeder->addresses()});
        ASSERT_TRUE(run_until([&] { return leecher->finished.size() == torrents.size(); }));
    };
    get_all();
    for (const auto& torrent : torrents) EXPECT_TRUE(has("leecher", torrent));
    EXPECT_THAT(leecher->errors, IsEmpty());
    bool looked = false;
    seeder->shards->look([&] { looked = true; });
    ASSERT_TRUE(run_until([&] { return looked; }));
    std::uint64_t given = 0;
    for (const TorrentId id : seeds) {
        EXPECT_GE(seeder->shards->status(id).uploaded, 1'500'000U);
        given += seeder->shards->status(id).uploaded;
    }
    const std::chrono::duration<double> took = loop_.world().reactor.now() - begin;
    EXPECT_LE(static_cast<double>(given), rate * (took.count() + 1))
        << "what is saved up is under a second's";

    // What both shards knew is in one database.
    stop(*leecher);
    leecher.reset();
    leecher = shards("leecher", 3, options);
    get_all();
    EXPECT_THAT(leecher->states, Not(Contains(TorrentState::checking)));
    EXPECT_THAT(leecher->states, Not(Contains(TorrentState::downloading)));
    stop(*leecher);
    stop(*seeder);
}

TEST_F(ShardsLoopbackTest, CallsWhileItMovesAndAnEndWithoutAStop) {
    const auto torrents = samples(4, 1'000'000);
    const auto seeder = shards("seeder", 2);
    const auto leecher = shards("leecher", 2);
    std::vector<TorrentId> got;
    for (const auto& torrent : torrents) {
        put("seeder", torrent);
        seeder->add({.what = torrent.metainfo, .on_disk = OnDisk::just_hashed});
        got.push_back(leecher->add({.what = torrent.metainfo, .peers = seeder->addresses()}));
    }
    for (int i = 0; i < 20; ++i) {
        seeder->shards->set_limits({.down = 0, .up = static_cast<std::uint64_t>(i % 3) * 4'000'000});
        seeder->shards->look([] {});
        leecher->shards->look([] {});
        leecher->shards->add_peer(got[1], {Address::loopback(), seeder->ports[0]});
        loop_.run_one(std::chrono::milliseconds(1));
    }
    leecher->shards->remove(got[0]);
    leecher->shards->move_to(got[1], (folder_ / "elsewhere").string(), [](Result<void>) {});
    seeder->shards->set_limits({});
    EXPECT_TRUE(run_until([&] { return leecher->finished.size() >= 3; }));
}

}  // namespace
}  // namespace spate::engine
