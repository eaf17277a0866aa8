// Connections: whom a torrent connects to. Keeps the list of known peers, dials the next ones within the
// limits of torrent and session, and brings each outgoing stream through the handshake. Each try has
// dial_time in all. Owner: Torrent. Thread: the reactor's.
#pragma once

#include <chrono>
#include <list>
#include <memory>

#include "engine/handshake_exchange.h"
#include "engine/peer.h"
#include "engine/session_share.h"
#include "swarm/peer_list.h"

namespace spate::engine {

class ConnectionsOwner {
  public:
    virtual ~ConnectionsOwner() = default;
    virtual wire::Handshake our_handshake() const = 0;
    virtual bool is_our_swarm(const hash::Sha1& swarm) const = 0;
    // The session's places are all taken: somebody may leave for one that is dialed.
    virtual void make_room_to_dial() = 0;
    virtual void on_dialed(std::unique_ptr<io::Stream> stream, const wire::Handshake& theirs) = 0;
};

class Connections final : private HandshakeOwner {
  public:
    static constexpr Duration dial_time = std::chrono::seconds(10);

    Connections(SessionShare& share, ConnectionsOwner& owner);
    ~Connections() override;

    swarm::PeerList& list() { return list_; }
    const swarm::PeerList& list() const { return list_; }
    // Dials as many as there is room for; `connected` are there already.
    void dial(std::size_t connected, bool seeding, TimePoint now);
    void on_tick(TimePoint now);
    // A connection is over.
    void ended(const Endpoint& endpoint, wire::CloseReason reason);
    void stop();

  private:
    struct Attempt {
        Endpoint to;
        TimePoint since;
        std::unique_ptr<io::Pending> connecting;
        std::unique_ptr<HandshakeExchange> exchange;
    };
    using Attempts = std::list<Attempt>;
    bool take_places(bool seeding, TimePoint now);
    void give_places();
    void start(const Endpoint& to, TimePoint now);
    void on_connected(Attempts::iterator attempt, Result<std::unique_ptr<io::Stream>> stream);
    std::optional<wire::Handshake> on_swarm(const HandshakeExchange&, const hash::Sha1&,
                                            const wire::Reserved&) override;
    void on_other_protocol(HandshakeExchange& exchange, Bytes begin) override;
    void on_handshake(HandshakeExchange& exchange, const wire::Handshake& theirs) override;
    void on_failed(HandshakeExchange& exchange, wire::CloseReason reason) override;
    Attempts::iterator find(const HandshakeExchange& exchange);
    Attempts::iterator drop(Attempts::iterator attempt);
    void failed(Attempts::iterator attempt, swarm::PeerEnd end);

    SessionShare& share_;
    ConnectionsOwner& owner_;
    swarm::PeerList list_;
    Attempts attempts_;  // oldest first
};

}  // namespace spate::engine
