#include "sim/scenarios/bad_tracker.h"

#include <array>
#include <utility>

namespace spate::sim {
namespace {

constexpr std::size_t visits_max = 32;
const Address any_address = Address::v4(0, 0, 0, 0);

std::string http_ok(const std::string& body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// Peers that are not there: 10.77.x.y.
std::string false_peers(Rng& rng, std::size_t count) {
    std::string peers;
    for (; count > 0; --count) {
        peers += "\x0a\x4d";
        for (int i = 0; i < 4; ++i) peers += static_cast<char>(1 + rng.below(255));
    }
    return peers;
}

std::string random_text(Rng& rng, std::size_t size) {
    std::string text(size, ' ');
    for (char& c : text) c = static_cast<char>(rng.below(256));
    return text;
}

}  // namespace

// One connection: reads the head of a request, writes one answer, and leaves.
class BadTracker::Visit final : public io::StreamHandler {
  public:
    Visit(BadTracker& tracker, std::unique_ptr<io::Stream> stream)
        : tracker_(tracker), stream_(std::move(stream)) {
        stream_->set_handler(*this);
        stream_->wait_readable();
    }

  private:
    void on_readable() override {
        std::array<std::uint8_t, 4096> buffer;
        const auto got = stream_->read(buffer);
        if (!got || got->at_end) return;
        asked_.append(as_text(Bytes(buffer).first(got->count)));
        if (answer_.empty() && asked_.contains("\r\n\r\n") && tracker_.manner_ == Manner::lying) {
            tracker_.simulation_.mark("bad tracker: answered");
            answer_ = tracker_.draw_reply();
            on_writable();
        }
        stream_->wait_readable();
    }
    void on_writable() override {
        while (sent_ < answer_.size()) {
            const std::array parts{as_bytes(answer_).subspan(sent_)};
            const auto sent = stream_->write(parts);
            if (!sent) return;
            if (sent->would_block) return stream_->wait_writable();
            sent_ += sent->count;
        }
        stream_->shutdown_write();
    }

    BadTracker& tracker_;
    std::unique_ptr<io::Stream> stream_;
    std::string asked_;
    std::string answer_;
    std::size_t sent_ = 0;
};

BadTracker::BadTracker(io::World& world, Simulation& simulation, Manner manner, std::uint64_t seed)
    : world_(world), simulation_(simulation), manner_(manner), rng_(seed) {
    if (auto listener = world_.network.listen({any_address, port}, *this)) listener_ = std::move(*listener);
    auto socket = world_.network.open_datagram({any_address, port});
    if (!socket) return;
    socket_ = std::move(*socket);
    socket_->set_handler(*this);
    socket_->wait_readable();
}

BadTracker::~BadTracker() = default;

void BadTracker::on_accept(std::unique_ptr<io::Stream> stream) {
    visits_[next_++] = std::make_unique<Visit>(*this, std::move(stream));
    if (visits_.size() > visits_max) visits_.erase(visits_.begin());
}

std::string BadTracker::draw_reply() {
    switch (rng_.below(10)) {
        case 0:
            return http_ok("d8:intervali0e12:min intervali-7e5:peers0:e");
        case 1:
            return http_ok("d8:intervali4294967296e5:peers300:" + false_peers(rng_, 50) + "e");
        case 2:
            return http_ok("d14:failure reason9000:" + random_text(rng_, 9000) + "e");
        case 3:
            return http_ok(random_text(rng_, 1 + rng_.below(5000)));
        case 4:
            return "HTTP/1.1 302 Found\r\nLocation: /announce\r\nContent-Length: 0\r\n\r\n";
        case 5:  // no end, but that of the stream
            return "HTTP/1.1 200 OK\r\n\r\nd5:peers3000000:" + random_text(rng_, 3'000'000);
        case 6:
            return "HTTP/1.1 500 " + random_text(rng_, 20) + "\r\n\r\n";
        case 7:
            return http_ok(
                "d8:intervali60e5:peers6:\x7f\x00\x00\x01\x0d\x80"
                "e");
        case 8:
            return random_text(rng_, 1 + rng_.below(300));
        default:
            return "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nd8:interval";
    }
}

void BadTracker::on_datagrams_readable() {
    std::array<std::uint8_t, 2048> buffer;
    std::array into{io::ReceivedDatagram{{}, buffer}};
    while (true) {
        const auto count = socket_->receive(into);
        if (!count || *count == 0) break;
        if (manner_ == Manner::silent) continue;
        simulation_.mark("bad tracker: answered");
        const auto answer = draw_datagram(Bytes(buffer).first(into[0].length));
        const std::array out{io::OutgoingDatagram{into[0].from, answer}};
        if (!socket_->send(out)) simulation_.mark("bad tracker: could not send");
    }
    socket_->wait_readable();
}

std::vector<std::uint8_t> BadTracker::draw_datagram(Bytes question) {
    std::string answer = random_text(rng_, rng_.below(2048));
    const auto begin = [&](char action) {
        answer = std::string{0, 0, 0, action};
        if (question.size() >= 16) answer.append(as_text(question.subspan(12, 4)));  // the transaction
    };
    switch (rng_.below(5)) {
        case 0:
            begin(3);
            answer += random_text(rng_, 1000);
            break;
        case 1:
            begin(0);
            answer += random_text(rng_, 8);
            break;
        case 2:
            begin(1);
            answer += std::string(12, '\xff') + false_peers(rng_, 200);
            break;
        case 3:
            answer = as_text(question);
            break;
        default:
            break;
    }
    return {answer.begin(), answer.end()};
}

}  // namespace spate::sim
