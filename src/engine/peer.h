// Peer: one connected peer of a torrent, with what each part of the engine keeps of it. Owner: PeerTable;
// dies at the end of the turn in which its connection closed. Thread: the reactor's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "engine/download_link.h"
#include "engine/peer_connection.h"
#include "engine/talk_budget.h"
#include "engine/upload_link.h"
#include "swarm/block.h"
#include "swarm/rate_limiter.h"
#include "wire/early_have.h"
#include "wire/handshake.h"
#include "wire/metadata_queue.h"
#include "wire/pex.h"

namespace spate::engine {

struct Peer;

// PeerConnectionOwner's questions, with the peer they are about; close_peer() is for others.
class PeerOwner {
  public:
    virtual ~PeerOwner() = default;
    virtual std::size_t read_allowance(Peer& peer) = 0;
    virtual void on_events(Peer& peer, std::size_t bytes, std::span<const wire::Event> events) = 0;
    virtual void on_sent(Peer& peer, std::size_t bytes, std::size_t block_bytes) = 0;
    virtual void on_closed(Peer& peer, wire::CloseReason reason) = 0;
    virtual void close_peer(Peer& peer, wire::CloseReason reason) = 0;
};

enum class Direction : std::uint8_t { incoming, outgoing };

struct PeerIdentity {
    swarm::PeerKey key;
    std::uint32_t number = 0;  // never given twice, unlike the key
    Direction direction = Direction::incoming;
    wire::PeerId id{};
    bool speaks_v2 = false;
};

struct Peer final : Mortal, PeerIdentity, private PeerConnectionOwner {
    Peer(const PeerIdentity& identity, ConnectionShare& share, std::unique_ptr<io::Stream> stream,
         const wire::WireOptions& options, PeerOwner& its_owner, swarm::RateLimiter& torrent_down,
         swarm::RateLimiter& torrent_up)
        : PeerIdentity(identity),
          owner(its_owner),
          connection(share, std::move(stream), options, *this),
          contact(connection.remote()),
          contact_known(identity.direction == Direction::outgoing),
          limit_down(swarm::RateLimiter::unlimited, &torrent_down),
          limit_up(swarm::RateLimiter::unlimited, &torrent_up),
          talk(share.reactor.now()),
          down(share.reactor.now()) {
        connection.limit_unsent(up.ahead.bytes());
    }

    bool moves_payload(TimePoint now) const { return down.rate.rate(now) + up.rate.rate(now) > 0; }

    PeerOwner& owner;
    PeerConnection connection;
    // Where others can reach it: of an incoming one, once its extension handshake told the port.
    Endpoint contact;
    bool contact_known;
    bool upload_only = false;         // BEP 21
    bool spoke = false;               // it sent a message
    bool greeted = false;             // bitfield and extension handshake are sent
    bool told_have = false;           // our bitfield, have all or have none is sent
    bool reads_rest = false;          // it is not read until tokens or buffers are there
    std::uint32_t hash_requests = 0;  // that were answered
    std::uint64_t leaf_bytes = 0;     // read and hashed to answer them
    // Its address of the other family (BEP 10), as it says itself.
    std::optional<Address> other_address;

    swarm::RateLimiter limit_down;
    swarm::RateLimiter limit_up;

    TalkBudget talk;
    wire::EarlyHave early_have;  // until the piece count is known
    DownloadLink down;
    UploadLink up;
    wire::MetadataQueue metadata_queue;
    wire::PexOutbox pex_out;
    wire::PexInbox pex_in;

  private:
    std::size_t read_allowance(PeerConnection&) override { return owner.read_allowance(*this); }
    void on_events(PeerConnection&, std::size_t bytes, std::span<const wire::Event> events) override {
        owner.on_events(*this, bytes, events);
    }
    void on_sent(PeerConnection&, std::size_t bytes, std::size_t block_bytes) override {
        owner.on_sent(*this, bytes, block_bytes);
    }
    void on_closed(PeerConnection&, wire::CloseReason reason) override { owner.on_closed(*this, reason); }
};

}  // namespace spate::engine
