// TrackerDouble: a tracker in the simulated world, HTTP and UDP on one port, that answers as a test wants.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "announce/http_announce.h"
#include "announce/udp_messages.h"
#include "http/response_writer.h"
#include "tests/announce/http_double.h"

namespace spate::testing {

struct Announced {
    announce::AnnounceRequest request;
    Endpoint from;
    TimePoint at;
};

class TrackerDouble : private io::DatagramHandler {
  public:
    TrackerDouble(io::World& world, const Endpoint& local) : world_(world), local_(local) {
        http_ = std::make_unique<HttpDouble>(world, local,
                                             [this](const http::Request& request, const Endpoint& from) {
                                                 return answer_http(request, from);
                                             });
        socket_ = std::move(world.network.open_datagram(local).value());
        socket_->set_handler(*this);
        socket_->wait_readable();
    }

    std::vector<Announced> announced;
    int connects = 0;                    // over UDP
    std::uint64_t connection_id = 4711;  // who asks with another one is refused
    bool silent = false;
    std::variant<announce::AnnounceReply, announce::Failure> reply = announce::AnnounceReply{};

    std::vector<announce::Event> events() const {
        std::vector<announce::Event> all;
        for (const Announced& one : announced) all.push_back(one.request.event);
        return all;
    }

  private:
    std::string answer_http(const http::Request& request, const Endpoint& from) {
        if (silent) return {};
        const auto parsed = announce::parse_announce_query(request.head.query);
        if (!parsed)
            return http::write_response({200, {}, announce::write_failure(parsed.error())}, http::Method::get,
                                        false);
        announced.push_back({*parsed, from, world_.reactor.now()});
        const auto* failure = std::get_if<announce::Failure>(&reply);
        const std::string body = failure != nullptr ? announce::write_failure(*failure)
                                                    : announce::write_announce_reply(
                                                          std::get<announce::AnnounceReply>(reply), true);
        return http::write_response({200, {}, body}, http::Method::get, false);
    }
    void on_datagrams_readable() override {
        std::vector<std::uint8_t> buffer(2000);
        std::array<io::ReceivedDatagram, 1> into{{{{}, buffer, 0}}};
        const auto count = socket_->receive(into);
        if (count && *count == 1 && !silent) answer_udp(Bytes(buffer).first(into[0].length), into[0].from);
        socket_->wait_readable();
    }
    void answer_udp(Bytes datagram, const Endpoint& from) {
        const auto request = announce::parse_udp_request(datagram);
        if (!request) return;
        std::vector<std::uint8_t> out;
        if (const auto* connect = std::get_if<announce::UdpConnect>(&*request)) {
            ++connects;
            announce::append_udp_connect_reply(out, connect->transaction, connection_id);
        } else if (const auto* asked = std::get_if<announce::UdpAnnounce>(&*request);
                   asked != nullptr && asked->connection_id != connection_id) {
            announce::append_udp_error(out, asked->transaction, "no such connection");
        } else if (asked != nullptr) {
            announced.push_back({asked->request, from, world_.reactor.now()});
            if (const auto* failure = std::get_if<announce::Failure>(&reply))
                announce::append_udp_error(out, asked->transaction, failure->reason);
            else
                announce::append_udp_announce_reply(out, asked->transaction,
                                                    std::get<announce::AnnounceReply>(reply),
                                                    announce::family_of(from.address));
        }
        const std::array<io::OutgoingDatagram, 1> one{{{from, out}}};
        (void)socket_->send(one);
    }
    void on_datagrams_writable() override {}

    io::World& world_;
    Endpoint local_;
    std::unique_ptr<HttpDouble> http_;
    std::unique_ptr<io::DatagramSocket> socket_;
};

}  // namespace spate::testing
