#include "engine/occupants.h"

#include <gtest/gtest.h>

#include "tests/manual_world.h"

namespace spate::engine {
namespace {

using std::chrono::seconds;
using swarm::PeerUse;

class QuietStream final : public io::Stream {
  public:
    explicit QuietStream(const Endpoint& remote) : remote_(remote) {}
    void set_handler(io::StreamHandler&) override {}
    void wait_readable() override {}
    void wait_writable() override {}
    Result<io::Transfer> read(MutableBytes) override { return io::Transfer{.would_block = true}; }
    Result<io::Transfer> write(std::span<const Bytes>) override { return io::Transfer{.would_block = true}; }
    void limit_unsent(std::size_t) override {}
    std::size_t unconfirmed() const override { return 0; }
    void shutdown_write() override {}
    void abort() override {}
    Endpoint local() const override { return {}; }
    Endpoint remote() const override { return remote_; }

  private:
    Endpoint remote_;
};

// What a policy thinks of such candidates is swarm/eviction_test.cpp's; here: who they are.
class OccupantsTest : public ::testing::Test, private PeerOwner {
  protected:
    Peer& peer(const Address& address, Direction direction, Duration age = {}) {
        PeerIdentity identity;
        identity.direction = direction;
        peers.push_back(
            std::make_unique<Peer>(identity, share, std::make_unique<QuietStream>(Endpoint{address, 6881}),
                                   wire::WireOptions{}, static_cast<PeerOwner&>(*this), down, up));
        peers.back()->up.connected_at = now() - age;
        return *peers.back();
    }
    TimePoint now() const { return reactor.now(); }

    std::size_t read_allowance(Peer&) override { return 0; }
    void on_events(Peer&, std::size_t, std::span<const wire::Event>) override {}
    void on_sent(Peer&, std::size_t, std::size_t) override {}
    void on_closed(Peer&, wire::CloseReason) override {}
    void close_peer(Peer&, wire::CloseReason) override {}

    spate::testing::ManualReactor reactor;
    Turn turn{reactor};
    ConnectionShare share{reactor, turn};
    swarm::RateLimiter down{swarm::RateLimiter::unlimited}, up{swarm::RateLimiter::unlimited};
    std::vector<std::unique_ptr<Peer>> peers;
    Occupants occupants;
};

TEST_F(OccupantsTest, OfNobodyNobodyLeaves) {
    EXPECT_EQ(occupants.surplus(now()), nullptr);
    EXPECT_EQ(occupants.gives_way(Address::v4(1, 2, 3, 4), now()), nullptr);
    EXPECT_EQ(occupants.gives_way_to_dialed(0), nullptr);
}

TEST_F(OccupantsTest, WhoWasSilentForTooLongIsSurplus) {
    reactor.advance(seconds(1000));
    Peer& waiting = peer(Address::v4(10, 1, 0, 1), Direction::incoming, seconds(100));
    Peer& silent = peer(Address::v4(10, 2, 0, 1), Direction::incoming, swarm::silent_time);
    occupants.add(waiting, PeerUse::waiting, now());
    EXPECT_EQ(occupants.surplus(now()), nullptr);
    occupants.add(silent, PeerUse::silent, now());
    EXPECT_EQ(occupants.surplus(now()), &silent);
    EXPECT_EQ(occupants.gives_way(Address::v4(10, 3, 0, 1), now()), &silent);
}

TEST_F(OccupantsTest, WhoMovesDataIsBusyWhateverItSaid) {
    reactor.advance(seconds(1000));
    Peer& busy = peer(Address::v4(10, 1, 0, 1), Direction::incoming, seconds(100));
    occupants.add(busy, PeerUse::silent, now());
    EXPECT_EQ(occupants.surplus(now()), &busy);
    busy.up.rate.add(swarm::busy_rate * 100, now());
    reactor.advance(seconds(1));
    Occupants later;
    later.add(busy, PeerUse::silent, now());
    EXPECT_EQ(later.surplus(now()), nullptr);
}

TEST_F(OccupantsTest, ThoseThatCameGoBeforeThoseWeDialed) {
    reactor.advance(seconds(1000));
    Peer& dialed = peer(Address::v4(10, 1, 0, 1), Direction::outgoing, seconds(100));
    Peer& came = peer(Address::v4(10, 1, 0, 2), Direction::incoming, seconds(50));
    occupants.add(dialed, PeerUse::idle, now());
    occupants.add(came, PeerUse::idle, now());
    EXPECT_EQ(occupants.surplus(now()), &came);
    EXPECT_EQ(occupants.gives_way_to_dialed(0), &came);
    EXPECT_EQ(occupants.gives_way_to_dialed(1), nullptr) << "so many of those that came stay";
}

TEST_F(OccupantsTest, OneRangeThatHoldsMostPlacesMakesRoomForOthers) {
    reactor.advance(seconds(1000));
    std::vector<Peer*> flood;
    for (std::uint8_t i = 1; i <= 6; ++i)
        flood.push_back(&peer(Address::v4(10, 1, 0, i), Direction::incoming, seconds(60 - i)));
    Peer& other = peer(Address::v4(172, 16, 0, 1), Direction::incoming, seconds(90));
    for (Peer* one : flood) occupants.add(*one, PeerUse::waiting, now());
    occupants.add(other, PeerUse::waiting, now());
    Peer* const leaves = occupants.gives_way(Address::v4(192, 168, 0, 1), now());
    EXPECT_NE(leaves, nullptr);
    EXPECT_NE(leaves, &other);
    EXPECT_EQ(occupants.gives_way(Address::v4(10, 1, 0, 9), now()), nullptr) << "one of the same range";
}

}  // namespace
}  // namespace spate::engine
