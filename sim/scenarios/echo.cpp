#include "sim/scenarios/echo.h"

#include <algorithm>
#include <chrono>

#include "base/assert.h"

namespace spate::sim {

namespace {

constexpr std::size_t buffer_max = 16'384;
constexpr Duration retry_pause = std::chrono::milliseconds(500);
constexpr Duration silence_max = std::chrono::seconds(20);

}  // namespace

std::uint8_t echo_octet(std::uint64_t offset) {
    return static_cast<std::uint8_t>((offset * 0x9e3779b97f4a7c15ULL) >> 56);
}

// One connection at the server: what was read and not yet sent back waits in `waiting_`.
class EchoServer::Session final : public io::StreamHandler {
  public:
    Session(EchoServer& server, std::uint64_t id, std::unique_ptr<io::Stream> stream)
        : server_(server), id_(id), stream_(std::move(stream)) {
        stream_->set_handler(*this);
        stream_->wait_readable();
    }

    void on_readable() override {
        std::array<std::uint8_t, 4096> buffer;
        const auto got = stream_->read(buffer);
        if (!got) return end();
        ended_ = got->at_end;
        take(Bytes(buffer).first(got->count));
        go_on();
    }

    void on_writable() override {
        const std::array<Bytes, 1> parts{Bytes(waiting_)};
        const auto sent = stream_->write(parts);
        if (!sent) return end();
        waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(sent->count));
        go_on();
    }

  private:
    void take(Bytes bytes) {
        const bool whole = server_.header_reading_ == HeaderReading::whole;
        const auto of_header = std::min(header_missing_, bytes.size());
        header_missing_ = whole ? 0 : header_missing_ - of_header;
        bytes = bytes.subspan(of_header);
        waiting_.insert(waiting_.end(), bytes.begin(), bytes.end());
    }

    void go_on() {
        if (ended_ && waiting_.empty()) return end();
        if (!ended_ && waiting_.size() < buffer_max) stream_->wait_readable();
        if (!waiting_.empty()) stream_->wait_writable();
    }

    void end() { server_.sessions_.erase(id_); }

    EchoServer& server_;
    std::uint64_t id_;
    std::unique_ptr<io::Stream> stream_;
    std::size_t header_missing_ = 8;
    std::vector<std::uint8_t> waiting_;
    bool ended_ = false;
};

EchoServer::EchoServer(io::World& world, std::uint16_t port, HeaderReading header_reading)
    : world_(world), header_reading_(header_reading) {
    auto listener = world_.network.listen({Address(), port}, *this);
    SPATE_ASSERT(listener);
    listener_ = std::move(*listener);
}

EchoServer::~EchoServer() = default;

void EchoServer::on_accept(std::unique_ptr<io::Stream> stream) {
    const auto id = next_session_++;
    sessions_.emplace(id, std::make_unique<Session>(*this, id, std::move(stream)));
}

EchoClient::EchoClient(io::World& world, std::string server, std::uint16_t port,
                       std::shared_ptr<EchoBoard> board)
    : world_(world),
      server_(std::move(server)),
      port_(port),
      board_(std::move(board)),
      retry_(world_.reactor.make_timer([this] { connect(); })),
      silence_(world_.reactor.make_timer([this] { start_over(); })) {
    connect();
}

void EchoClient::connect() {
    silence_->arm(world_.reactor.now() + silence_max);
    pending_ = world_.resolver.resolve(server_, [this](auto addresses) {
        if (!addresses) return start_over();
        connect_to(addresses->front());
    });
}

void EchoClient::connect_to(const Address& address) {
    pending_ = world_.network.connect({address, port_}, [this](auto stream) {
        if (!stream) return start_over();
        begin(std::move(*stream));
    });
}

void EchoClient::begin(std::unique_ptr<io::Stream> stream) {
    stream_ = std::move(stream);
    ++board_->connections;
    sent_ = board_->returned;
    header_left_.clear();
    for (int shift = 56; shift >= 0; shift -= 8)
        header_left_.push_back(static_cast<std::uint8_t>(sent_ >> shift));
    stream_->set_handler(*this);
    stream_->wait_readable();
    stream_->wait_writable();
}

void EchoClient::start_over() {
    pending_.reset();
    stream_.reset();
    silence_->disarm();
    retry_->arm(world_.reactor.now() + retry_pause);
}

bool EchoClient::check(Bytes bytes) {
    for (const auto octet : bytes) {
        if (octet != echo_octet(board_->returned) || board_->returned == board_->size) {
            board_->complaint = "a wrong octet came back at " + std::to_string(board_->returned);
            return false;
        }
        ++board_->returned;
    }
    return true;
}

void EchoClient::on_readable() {
    std::array<std::uint8_t, 4096> buffer;
    const auto got = stream_->read(buffer);
    if (!got || got->at_end || !check(Bytes(buffer).first(got->count))) return start_over();
    silence_->arm(world_.reactor.now() + silence_max);
    stream_->wait_readable();
}

void EchoClient::on_writable() {
    std::vector<std::uint8_t> block(std::min<std::uint64_t>(4096, board_->size - sent_));
    for (std::size_t i = 0; i < block.size(); ++i) block[i] = echo_octet(sent_ + i);
    const std::array<Bytes, 2> parts{Bytes(header_left_), Bytes(block)};
    const auto wrote = stream_->write(parts);
    if (!wrote) return start_over();
    const auto of_header = std::min(wrote->count, header_left_.size());
    header_left_.erase(header_left_.begin(), header_left_.begin() + static_cast<std::ptrdiff_t>(of_header));
    sent_ += wrote->count - of_header;
    if (sent_ < board_->size || !header_left_.empty()) {
        stream_->wait_writable();
    } else {
        stream_->shutdown_write();
    }
}

}  // namespace spate::sim
