// HttpDouble: a web server in the simulated world that answers each request with whatever text a test wants.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "http/request_reader.h"
#include "io/world.h"

namespace spate::testing {

class HttpDouble : private io::ListenerHandler {
  public:
    // The whole response as it goes over the wire; the connection is closed after it. Empty: silence.
    using Answer = std::function<std::string(const http::Request&, const Endpoint& from)>;

    HttpDouble(io::World& world, const Endpoint& local, Answer answer) : answer_(std::move(answer)) {
        listener_ = std::move(world.network.listen(local, *this).value());
    }
    std::vector<http::Request> requests;

  private:
    struct Connection final : io::StreamHandler {
        Connection(HttpDouble& owner, std::unique_ptr<io::Stream> s) : server(owner), stream(std::move(s)) {
            stream->set_handler(*this);
            stream->wait_readable();
        }
        void on_readable() override {
            std::array<std::uint8_t, 5000> buffer;
            const auto got = stream->read(buffer);
            if (!got || got->at_end) return;
            reader.feed(Bytes(buffer).first(got->count));
            if (reader.state() != http::ReadState::complete) return stream->wait_readable();
            server.requests.push_back(reader.take());
            reply = server.answer_(server.requests.back(), stream->remote());
            if (!reply.empty()) on_writable();
        }
        void on_writable() override {
            while (!reply.empty()) {
                const std::array parts{as_bytes(reply)};
                const auto sent = stream->write(parts);
                if (!sent) return;
                if (sent->would_block) return stream->wait_writable();
                reply.erase(0, sent->count);
            }
            stream->shutdown_write();
        }
        HttpDouble& server;
        std::unique_ptr<io::Stream> stream;
        http::RequestReader reader{[](const http::RequestHead&) { return std::size_t{1} << 20; }};
        std::string reply;
    };
    void on_accept(std::unique_ptr<io::Stream> stream) override {
        connections_.emplace_back(*this, std::move(stream));
    }
    void on_accept_error(const Error&) override {}

    Answer answer_;
    std::list<Connection> connections_;
    std::unique_ptr<io::Listener> listener_;
};

}  // namespace spate::testing
