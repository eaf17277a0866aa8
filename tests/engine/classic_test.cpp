// One file under two protocols: a torrent's file goes to classic peers and comes from them, over real
// sockets, with the real tracker and the real classic programs.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/hex.h"
#include "catalogue/catalogue_service.h"
#include "classic_peer/receiver.h"
#include "classic_peer/sender.h"
#include "classic_peer/tracker_client.h"
#include "engine/classic_port.h"
#include "tests/engine/swarm_fixture.h"
#include "tracker/tracker_server.h"

namespace spate::engine {
namespace {

using namespace std::chrono_literals;

class Silent final : public tracker::Events {
    void on_answered(const Endpoint&, std::string_view, std::string_view) override {}
    void on_turned_away(const Endpoint&, std::string_view) override {}
    void on_trouble(const Error&) override {}
};

class Received final : public classic_peer::PeerEvents {
  public:
    std::optional<classic_peer::ReceiverOutcome> outcome;

  private:
    void on_receiver_finished(classic_peer::ReceiverOutcome result, const Error&) override {
        outcome = result;
    }
};

class ClassicTest : public SwarmTest {
  protected:
    ClassicTest() {
        const auto world = loop_.world();
        auto opened = catalogue::CatalogueService::open(world.reactor, world.pool, world.files, log_,
                                                        (folder_ / "tracker").string(), catalogue::Limits{});
        EXPECT_TRUE(opened);
        catalogue_ = std::move(*opened);
        tracker::Options options;
        options.listen = {{Address::loopback(), 0}};
        auto server = tracker::TrackerServer::open(world, options, *catalogue_, events_);
        EXPECT_TRUE(server);
        server_ = std::move(*server);
    }
    HostPort tracker() const { return {"127.0.0.1", server_->endpoints().front().port}; }
    ClassicEntry entry() const { return {tracker(), "file.bin"}; }
    std::string md5(const SampleTorrent& torrent) { return to_hex(hash::md5(torrent.files.begin()->second)); }
    // As `spate share` does it; whether it was believed is part of the test: the tracker asks for chunks.
    classic::Outcome create(const SampleTorrent& torrent, std::uint16_t port) {
        classic_peer::TrackerClient client(world_, tracker(), 10s);
        std::optional<classic::Outcome> outcome;
        const auto question = client.tell(
            [&](const Address& ours) {
                return classic::write_create_tracker({"file.bin", torrent.files.begin()->second.size(), "",
                                                      md5(torrent), true, ours.text(), port});
            },
            [&](Result<classic::Outcome> answer) {
                EXPECT_TRUE(answer);
                outcome = answer ? *answer : classic::Outcome::fail;
            });
        EXPECT_TRUE(run_until([&] { return outcome.has_value(); }));
        return *outcome;
    }

    static SessionOptions asks_at_once() {
        SessionOptions options;
        options.classic_after = 1ms;
        return options;
    }

    // A classic sender of that content; all of it is announced when this returns.
    std::unique_ptr<classic_peer::Sender> share_classically(const SampleTorrent& torrent) {
        const auto shared = folder_ / "classic";
        std::filesystem::create_directories(shared);
        const auto& bytes = torrent.files.begin()->second;
        std::ofstream(shared / "file.bin", std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        classic_peer::SenderOptions options;
        options.tracker = tracker();
        options.folder = shared.string();
        options.file = "file.bin";
        options.senders = 1;
        options.interval = 10ms;
        auto sender = std::make_unique<classic_peer::Sender>(world_, options, silent_);
        sender->start();
        // Until the last of its parts is announced.
        EXPECT_TRUE(run_until([&] {
            const auto* entry = catalogue_->find("file.bin");
            return entry != nullptr && !entry->peers.empty() && !entry->peers.front().provisional &&
                   entry->peers.front().end == bytes.size();
        }));
        return sender;
    }

    io::World world_ = loop_.world();
    NoLog log_;
    classic_peer::PeerEvents silent_;
    Silent events_;
    std::unique_ptr<catalogue::CatalogueService> catalogue_;
    std::unique_ptr<tracker::TrackerServer> server_;
};

TEST_F(ClassicTest, AClassicReceiverFetchesFromATorrent) {
    const SampleTorrent torrent = sample(700'001, 64 << 10);
    Node& seed = node("seed");
    seed.put(torrent);
    seed.add({.what = torrent.metainfo, .on_disk = OnDisk::just_hashed, .classic = entry()});
    ASSERT_TRUE(run_until([&] { return seed.status().complete(); }));
    ASSERT_EQ(create(torrent, seed.endpoint().port), classic::Outcome::succ);

    Received received;
    classic_peer::ReceiverOptions options;
    options.tracker = tracker();
    options.folder = (folder_ / "classic").string();
    options.file = "file.bin";
    classic_peer::Receiver receiver(world_, options, received);
    receiver.start();
    ASSERT_TRUE(run_until([&] { return received.outcome.has_value(); }));
    EXPECT_EQ(received.outcome, classic_peer::ReceiverOutcome::received);
    EXPECT_GE(seed.status().uploaded, 700'001U);
    // Its MD5 was right, or it would not be in place.
    EXPECT_EQ(std::filesystem::file_size(folder_ / "classic/file.bin"), 700'001U);
}

// A client of that address of this machine; connected when it can be written to.
int client_from(std::uint32_t last_octet, std::uint16_t port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(0x7f000000U + last_octet);
    EXPECT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    (void)::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    return socket;
}

TEST_F(ClassicTest, ConnectionsThatAskForNothingDoNotTakeThePort) {
    const SampleTorrent torrent = sample(10'000, 16 << 10);
    Node& seed = node("seed");
    seed.put(torrent);
    seed.add({.what = torrent.metainfo, .on_disk = OnDisk::just_hashed, .classic = entry()});
    ASSERT_TRUE(run_until([&] { return seed.status().complete(); }));
    std::vector<int> sockets;
    const auto ask = [&](std::uint32_t last_octet, std::string_view text) {
        const int socket = client_from(last_octet, seed.endpoint().port);
        sockets.push_back(socket);
        EXPECT_TRUE(run_until([&] { return ::send(socket, text.data(), text.size(), MSG_NOSIGNAL) > 0; }));
        loop_.run_one(0ms);
        return socket;
    };
    for (const std::uint32_t of_one_address : {64U, 2U}) {
        for (std::uint32_t i = 0; i < ClassicPort::connections_max; ++i) ask(2 + i / of_one_address, "<GET ");
        const int honest = ask(200, "<GET file.bin 0 9>\n");
        std::array<char, 64> bytes{};
        ssize_t got = -1;
        EXPECT_TRUE(run_until([&] { return (got = ::recv(honest, bytes.data(), bytes.size(), 0)) >= 0; }));
        EXPECT_EQ(got, 10);
        for (const int socket : std::exchange(sockets, {})) ::close(socket);
    }
}

// A classic peer's one request and what comes back until the connection ends.
class Asker final : public io::StreamHandler {
  public:
    Asker(const io::World& world, const Endpoint& seed, std::string request)
        : request_(std::move(request)),
          connecting_(world.network.connect(seed, [this](Result<std::unique_ptr<io::Stream>> stream) {
              ASSERT_TRUE(stream);
              stream_ = std::move(*stream);
              stream_->set_handler(*this);
              stream_->wait_writable();
          })) {}
    std::string reply;
    bool over = false;

  private:
    void on_writable() override {
        const Bytes bytes = as_bytes(request_);
        ASSERT_TRUE(stream_->write({&bytes, 1}));
        stream_->wait_readable();
    }
    void on_readable() override {
        std::array<std::uint8_t, 4096> part{};
        const auto got = stream_->read(part);
        over = !got || got->at_end;
        if (over) return;
        reply += as_text(Bytes(part).first(got->count));
        stream_->wait_readable();
    }

    std::string request_;
    std::unique_ptr<io::Stream> stream_;
    std::unique_ptr<io::Pending> connecting_;
};

TEST_F(ClassicTest, OfAPartOnlyThatPartIsServed) {
    const SampleTorrent torrent = sample(640'000, 64 << 10);  // 10 pieces
    Node& seed = node("seed");
    seed.put(torrent);
    seed.add({.what = torrent.metainfo,
              .on_disk = OnDisk::just_hashed,
              .part = {.from_percent = 20, .to_percent = 55},
              .classic = entry()});
    ASSERT_TRUE(run_until([&] { return seed.status().state == TorrentState::seeding; }));
    const auto ask = [&](std::uint64_t begin, std::uint64_t size) {
        Asker asker(
            world_, seed.endpoint(),
            "<GET file.bin " + std::to_string(begin) + " " + std::to_string(begin + size - 1) + ">\n");
        EXPECT_TRUE(run_until([&] { return asker.over; }));
        return asker.reply;
    };
    const Bytes file = torrent.files.begin()->second;
    const std::uint64_t first = 2 << 16;
    const std::uint64_t end = 5 << 16;
    EXPECT_EQ(ask(first, 1000), as_text(file.subspan(first, 1000)));
    EXPECT_EQ(ask(end - 1000, 1000), as_text(file.subspan(end - 1000, 1000)));
    for (const std::uint64_t outside : {first - 1, end - 999, std::uint64_t{0}})
        EXPECT_TRUE(ask(outside, 1000).starts_with("<GET invalid>")) << outside;
}

TEST_F(ClassicTest, ClassicPeersAreSourcesOfATorrent) {
    const SampleTorrent torrent = sample(400'000, 32 << 10);
    const auto sender = share_classically(torrent);

    Node& leecher = node("leecher", asks_at_once());
    leecher.add({.what = torrent.metainfo, .classic = entry()});
    ASSERT_TRUE(run_until([&] { return leecher.finished(); }));
    EXPECT_TRUE(leecher.has(torrent));
    EXPECT_EQ(leecher.status().peers, 0U) << "no BitTorrent peer was there";
    EXPECT_THAT(leecher.complaints(), ::testing::IsEmpty());
}

TEST_F(ClassicTest, AClassicPeerThatLiesIsFoundByThePieceHash) {
    const SampleTorrent torrent = sample(200'000, 32 << 10);
    const SampleTorrent other = sample(200'000, 32 << 10);  // the same size, other bytes
    const auto liar = share_classically(other);

    Node& leecher = node("leecher", asks_at_once());
    leecher.add({.what = torrent.metainfo, .classic = entry()});
    ASSERT_TRUE(run_until([&] { return leecher.status().peers_banned > 0; }));
    Node& seed = node("seed");
    seed.put(torrent);
    seed.add({.what = torrent.metainfo, .on_disk = OnDisk::just_hashed});
    leecher.session().add_peer(leecher.session().torrents().front(), seed.endpoint());
    ASSERT_TRUE(run_until([&] { return leecher.finished(); }));
    EXPECT_TRUE(leecher.has(torrent));
}

}  // namespace
}  // namespace spate::engine
