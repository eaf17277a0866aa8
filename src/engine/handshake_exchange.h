// HandshakeExchange: the first 68 octets each way of a fresh stream (BEP 3). It reads no byte beyond them. An
// outgoing one sends first; an incoming one asks its owner what to answer as soon as the swarm is known. The
// deadline is the owner's. Owner: Inbound or Dialer. Thread: the reactor's.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "io/stream.h"
#include "wire/close_reason.h"
#include "wire/handshake.h"

namespace spate::engine {

class HandshakeExchange;

class HandshakeOwner {
  public:
    virtual ~HandshakeOwner() = default;
    // Incoming: what to answer; nothing: no such torrent here, or it takes no peer.
    virtual std::optional<wire::Handshake> on_swarm(const HandshakeExchange&, const hash::Sha1& swarm,
                                                    const wire::Reserved& reserved) = 0;
    // Incoming, and the first byte is not BitTorrent's. One of the last three calls is the last; it may
    // destroy the exchange.
    virtual void on_other_protocol(HandshakeExchange&, Bytes begin) = 0;
    virtual void on_handshake(HandshakeExchange&, const wire::Handshake& theirs) = 0;
    virtual void on_failed(HandshakeExchange&, wire::CloseReason reason) = 0;
};

class HandshakeExchange final : private io::StreamHandler {
  public:
    // ours: of an outgoing one.
    HandshakeExchange(std::unique_ptr<io::Stream> stream, const std::optional<wire::Handshake>& ours,
                      HandshakeOwner& owner);

    const Endpoint& remote() const { return remote_; }
    std::unique_ptr<io::Stream> take_stream() { return std::move(stream_); }

  private:
    void on_readable() override;
    void on_writable() override;
    void take(Bytes bytes);
    bool flush();  // false: it failed, and the owner knows
    void finish_if_done();

    std::unique_ptr<io::Stream> stream_;
    Endpoint remote_;
    HandshakeOwner& owner_;
    wire::HandshakeReader reader_;
    std::vector<std::uint8_t> output_;
    std::size_t read_ = 0;  // octets
    bool incoming_;
    bool answered_ = false;
};

}  // namespace spate::engine
