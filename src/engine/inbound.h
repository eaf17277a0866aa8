// Inbound: the listen port. The first byte of a connection decides: BitTorrent's handshake, or the classic
// protocol. Limits, of all sessions of the process: arrivals_max connections without a whole handshake, of
// which one address has per_address_max (reliability.md row 34), and one at each port however many it has at
// others, so that nobody closes a port to its neighbours by another one. The oldest here makes way for a new
// one; each has handshake_time. Owner: Session. Thread: the reactor's.
#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <optional>

#include "base/ledger.h"
#include "engine/handshake_exchange.h"
#include "engine/source_counts.h"
#include "io/world.h"

namespace spate::engine {

class InboundOwner {
  public:
    virtual ~InboundOwner() = default;
    // What to answer to who asks for that swarm; nothing: close.
    virtual std::optional<wire::Handshake> on_arrival(const Endpoint& from, const hash::Sha1& swarm,
                                                      const wire::Reserved& reserved) = 0;
    virtual void on_peer(std::unique_ptr<io::Stream> stream, const wire::Handshake& theirs) = 0;
    // begin: what was read of it.
    virtual void on_classic(std::unique_ptr<io::Stream> stream, Bytes begin) = 0;
};

class Inbound final : private io::ListenerHandler, private HandshakeOwner {
  public:
    static constexpr std::size_t arrivals_max = 256;
    static constexpr std::size_t per_address_max = 32;
    static constexpr Duration handshake_time = std::chrono::seconds(10);

    Inbound(io::World& world, InboundOwner& owner, Ledger& arrivals, SourceCounts& sources)
        : world_(world), owner_(owner), places_(arrivals), sources_(sources) {}

    // The first free port of the range; 0 to 0: any.
    Result<std::uint16_t> listen(const Address& bind, std::uint16_t first, std::uint16_t last);
    void on_tick(TimePoint now);
    std::size_t arrivals() const { return arrivals_.size(); }
    void close();

  private:
    struct Arrival {
        Place place;
        CountedSource source;
        std::unique_ptr<HandshakeExchange> exchange;
        TimePoint since;
    };
    void on_accept(std::unique_ptr<io::Stream> stream) override;
    void on_accept_error(const Error&) override {}
    std::optional<wire::Handshake> on_swarm(const HandshakeExchange& exchange, const hash::Sha1& swarm,
                                            const wire::Reserved& reserved) override;
    void on_other_protocol(HandshakeExchange& exchange, Bytes begin) override;
    void on_handshake(HandshakeExchange& exchange, const wire::Handshake& theirs) override;
    void on_failed(HandshakeExchange& exchange, wire::CloseReason reason) override;
    std::unique_ptr<HandshakeExchange> take(HandshakeExchange& exchange);

    io::World& world_;
    InboundOwner& owner_;
    Slots places_;
    SourceCounts& sources_;
    std::list<Arrival> arrivals_;  // oldest first
    std::unique_ptr<io::Listener> listener_;
};

}  // namespace spate::engine
