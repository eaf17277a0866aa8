// ConnectedPeers: who is connected to a torrent: who is let in, greeted, read from, told of the others, and
// left when it is of no use. Of two connections to one peer one stays. Limits: torrent_connections_max, and
// the session's places (of both, while we download, three quarters for those that come): when they are taken,
// the least useful peer makes way (peer_places.cpp); of a peer's output messages_max, beyond which it is not
// read. Owner: Torrent. Thread: the reactor's.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "engine/message_router.h"
#include "engine/peer_exchange.h"
#include "engine/torrent_identity.h"
#include "engine/torrent_parts.h"
#include "swarm/eviction.h"

namespace spate::engine {

class ConnectedPeersOwner {
  public:
    virtual ~ConnectedPeersOwner() = default;
    virtual bool takes_peers() const = 0;
    // There is room for another one.
    virtual void on_peer_gone() = 0;
};

class ConnectedPeers final : private PeerOwner, private RouterOwner {
  public:
    static constexpr Duration idle_max = std::chrono::seconds(180);
    static constexpr Duration keep_alive = std::chrono::seconds(100);

    // All outlive it.
    ConnectedPeers(TorrentParts& parts, const TorrentIdentity& identity, ConnectedPeersOwner& owner)
        : parts_(parts), identity_(identity), owner_(owner), router_(parts, *this), exchange_(parts) {}
    ~ConnectedPeers() override;

    // What to answer to an incoming handshake; nothing: nobody is taken now.
    std::optional<wire::Handshake> answer(const Endpoint& from, const hash::Sha1& swarm,
                                          const wire::Reserved& reserved) const;
    void adopt(std::unique_ptr<io::Stream> stream, const wire::Handshake& theirs, Direction direction);
    // Those that were let in before there was something to tell.
    void greet_all();

    // Tokens or buffers are there again.
    void on_rate(TimePoint now);
    void set_limits(const RateLimits& limits);
    void drop_idle(TimePoint now);
    void tell_contacts(TimePoint now) { exchange_.on_tick(now); }

    void close_peer(Peer& peer, wire::CloseReason reason) override;
    // We have all that is wanted: the others hear of it.
    void leave_seeds();
    void leave_banned();
    void leave_all();
    std::size_t largest_output() const;  // bytes that wait to be sent to one peer
    void add_occupants(Occupants& occupants) const;
    // All places of the session are taken, and somebody could be dialed.
    void make_room_to_dial();

  private:
    std::size_t read_allowance(Peer& peer) override;
    void on_events(Peer& peer, std::size_t bytes, std::span<const wire::Event> events) override;
    void on_sent(Peer& peer, std::size_t bytes, std::size_t block_bytes) override;
    void on_closed(Peer& peer, wire::CloseReason reason) override;

    bool make_way(const Endpoint& remote, const wire::Handshake& theirs, Direction direction);
    void drop_dead_end(const Endpoint& remote);
    Peer& add(std::unique_ptr<io::Stream> stream, const wire::Handshake& theirs, Direction direction);
    void greet(Peer& peer);
    void send_extension_handshake(Peer& peer);
    void limit(Peer& peer);
    std::size_t messages_allowed() const;
    void remember_other_way(const Peer& peer, wire::CloseReason reason);

    // peer_places.cpp
    bool has_all_its_peers() const;
    bool has_all_that_come() const;
    bool is_full(Direction direction) const;
    bool owes_and_answers(const Peer& peer) const;
    bool owes_and_is_mute(const Peer& peer, TimePoint now) const;
    swarm::PeerUse use_of(const Peer& peer, TimePoint now) const;
    Peer* gives_way_to(const Address& newcomer, Direction direction) const;
    void drop_surplus(TimePoint now);

    TorrentParts& parts_;
    const TorrentIdentity& identity_;
    ConnectedPeersOwner& owner_;
    MessageRouter router_;
    PeerExchange exchange_;
    std::uint32_t next_number_ = 1;
};

}  // namespace spate::engine
