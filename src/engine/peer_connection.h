// PeerConnection: the stream of one peer after the handshake: bytes in through PeerWire, events to the owner;
// messages and blocks out, one gathered write at the end of a turn. It reads what the owner allows, which is
// the back-pressure of hashing, disk and rate limits. All connections of a thread read into one buffer.
// Memory idle: about 700 bytes. Owner: a Peer. Thread: the reactor's.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/output_queue.h"
#include "engine/turn.h"
#include "io/reactor.h"
#include "io/stream.h"
#include "wire/peer_wire.h"

namespace spate::engine {

class PeerConnection;

class PeerConnectionOwner {
  public:
    virtual ~PeerConnectionOwner() = default;
    // How many bytes it may read now; 0: none until resume_reading().
    virtual std::size_t read_allowance(PeerConnection&) = 0;
    // So many bytes came, and these events; empty for a part of a message.
    virtual void on_events(PeerConnection&, std::size_t bytes, std::span<const wire::Event> events) = 0;
    // So many bytes went out, block_bytes of them payload; there may be room for more.
    virtual void on_sent(PeerConnection&, std::size_t bytes, std::size_t block_bytes) = 0;
    // Last. Not from inside close().
    virtual void on_closed(PeerConnection&, wire::CloseReason reason) = 0;
};

// What all connections of a thread share.
struct ConnectionShare {
    // One read takes no more: what else is due, a timer or another peer, waits for that and no longer.
    static constexpr std::size_t read_buffer_size = 256 << 10;
    io::Reactor& reactor;
    Turn& turn;
    std::vector<std::uint8_t> read_buffer = std::vector<std::uint8_t>(read_buffer_size);
    std::vector<wire::Event> events{};
};

class PeerConnection final : private io::StreamHandler, private TurnTask {
  public:
    // Waiting to be sent; more than any honest conversation holds (HAVEs of four million pieces, 36 MB).
    static constexpr std::size_t output_max = 48 << 20;

    PeerConnection(ConnectionShare& share, std::unique_ptr<io::Stream> stream,
                   const wire::WireOptions& options, PeerConnectionOwner& owner);

    const Endpoint& remote() const { return remote_; }
    wire::PeerWire& wire() { return wire_; }
    const wire::PeerWire& wire() const { return wire_; }

    // Messages to append to; they go out at the end of the turn.
    wire::Buffer& messages();
    template <class Message>
    void send(const Message& message) {
        wire::append(messages(), message);
    }
    template <class Message>
    void send_extended(const Message& message) {
        wire::append(messages(), wire_.peer_extensions(), message);
    }
    void send_block(const wire::BlockRequest& request, piece_store::BlockView view);
    // True: nothing of it was sent, and nothing will be.
    bool take_back_block(const wire::BlockRequest& request, std::uint64_t& looked_at) {
        return output_.remove_block(request, looked_at);
    }
    // Bytes that the system takes of us beyond what the network takes at once.
    void limit_unsent(std::size_t bytes) {
        if (stream_) stream_->limit_unsent(bytes);
    }
    std::size_t output_size() const { return output_.size(); }
    // The system takes no more of it for now.
    bool output_waits() const { return writing_; }
    // Bytes of it that arrived at the other system.
    std::uint64_t confirmed() const { return stream_ ? sent_ - stream_->unconfirmed() : sent_; }
    std::size_t pinned() const { return output_.pinned(); }
    // Of it, messages and the heads of blocks.
    std::size_t messages_waiting() const { return output_.message_bytes(); }

    void resume_reading();
    // Deaf and dumb at once. The owner buries it.
    void close();
    bool closed() const { return stream_ == nullptr; }

    TimePoint last_received() const { return last_received_; }
    TimePoint last_sent() const { return last_sent_; }

  private:
    void on_readable() override;
    void on_writable() override;
    void on_turn_end() override;
    void flush();
    void fail(wire::CloseReason reason);

    ConnectionShare& share_;
    std::unique_ptr<io::Stream> stream_;
    PeerConnectionOwner& owner_;
    Endpoint remote_;
    wire::PeerWire wire_;
    OutputQueue output_;
    TimePoint last_received_;
    TimePoint last_sent_;
    std::uint64_t sent_ = 0;
    bool reading_ = false;  // asked the stream to tell
    bool writing_ = false;
};

}  // namespace spate::engine
