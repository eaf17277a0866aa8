// RawPeer: a peer of a session that says what a test lets it say, on the real wire, and keeps what it hears.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "io/world.h"
#include "wire/handshake.h"
#include "wire/peer_wire.h"
#include "wire/write.h"

namespace spate::engine {

class RawPeer final : private io::StreamHandler {
  public:
    struct Options {
        bool fast = true;
        bool reads = true;
        bool greets = true;
        std::uint8_t id = 1;
    };

    RawPeer(io::World& world, const Endpoint& to, const hash::Sha1& swarm, std::uint32_t pieces,
            Options options)
        : options_(options), wire_({.fast = options.fast, .extended = true, .piece_count = pieces}) {
        wire::Handshake ours{wire::our_reserved(true), swarm, {}};
        if (!options.fast) ours.reserved.octets[7] &= 0xfb;
        ours.peer_id.fill(options.id);
        const auto octets = wire::to_bytes(ours);
        if (options.greets) out_.assign(octets.begin(), octets.end());
        connecting_ = world.network.connect(to, [this](Result<std::unique_ptr<io::Stream>> stream) {
            if (!stream) return;
            stream_ = std::move(*stream);
            stream_->set_handler(*this);
            stream_->wait_readable();
            stream_->wait_writable();
        });
    }

    template <class Message>
    void send(const Message& message) {
        wire::append(out_, message);
        if (stream_) stream_->wait_writable();
    }
    // By the number that the session gave to such messages.
    template <class Message>
    void send_extended(const Message& message) {
        wire::append(out_, wire_.peer_extensions(), message);
        if (stream_) stream_->wait_writable();
    }
    void send(const wire::ExtensionHandshake& message) {
        wire::append(out_, message, wire::WireOptions{}.offered);
        if (stream_) stream_->wait_writable();
    }
    void send_block(const wire::BlockRequest& request, Bytes bytes) {
        const auto header = wire::piece_header(request);
        out_.insert(out_.end(), header.begin(), header.end());
        out_.insert(out_.end(), bytes.begin(), bytes.end());
        if (stream_) stream_->wait_writable();
    }

    void stop_reading() { options_.reads = false; }
    bool greeted() const { return reader_.state() == wire::HandshakeReader::State::complete; }
    bool closed() const { return closed_; }
    std::size_t unsent() const { return out_.size(); }

    // Events as they come; views are valid inside the call.
    std::function<void(const wire::Event&)> on_event;
    std::vector<wire::BlockRequest> requests;  // heard
    std::vector<wire::HashRequest> hash_requests;
    int unchokes = 0;
    int chokes = 0;

  private:
    void on_readable() override {
        std::vector<std::uint8_t> buffer(64 << 10);
        const auto got = stream_->read(buffer);
        if (!got || got->at_end) {
            closed_ = true;
            return stream_.reset();
        }
        Bytes bytes = Bytes(buffer).first(got->count);
        bytes = bytes.subspan(reader_.feed(bytes));
        std::vector<wire::Event> events;
        (void)wire_.feed(bytes, events);
        for (const wire::Event& event : events) take(event);
        if (stream_ && (options_.reads || !greeted())) stream_->wait_readable();
    }
    void on_writable() override {
        while (!out_.empty()) {
            const std::array parts{Bytes(out_)};
            const auto written = stream_->write(parts);
            if (!written) {
                closed_ = true;
                return;
            }
            if (written->would_block) return stream_->wait_writable();
            out_.erase(out_.begin(), out_.begin() + static_cast<std::ptrdiff_t>(written->count));
        }
    }
    void take(const wire::Event& event) {
        if (const auto* request = std::get_if<wire::Request>(&event)) requests.push_back(request->block);
        if (const auto* request = std::get_if<wire::HashRequest>(&event)) hash_requests.push_back(*request);
        unchokes += std::holds_alternative<wire::Unchoke>(event) ? 1 : 0;
        chokes += std::holds_alternative<wire::Choke>(event) ? 1 : 0;
        if (on_event) on_event(event);
    }

    Options options_;
    wire::HandshakeReader reader_;
    wire::PeerWire wire_;
    std::vector<std::uint8_t> out_;
    std::unique_ptr<io::Pending> connecting_;
    std::unique_ptr<io::Stream> stream_;
    bool closed_ = false;
};

}  // namespace spate::engine
