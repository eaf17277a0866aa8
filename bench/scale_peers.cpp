// A swarm of very many peers around one session, each program on a core of its own; bench/scale runs it.
//   scale_peers session FOLDER PEERS     the session under test: it has nothing, fetches from its peers what
//                                        they have and gives them what they lack. Prints its port, and how it
//                                        went when it gets a signal
//   scale_peers peers PORT PEERS         that many peers, each a connection and a bitfield, who hold a
//                                        PEERSth of the pieces (at least one) each and talk to the session
//                                        alone; ends when all have all
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/rng.h"
#include "bench/own_usage.h"
#include "engine/session.h"
#include "hash/digest.h"
#include "io/linux/limits.h"
#include "io/linux/loop.h"
#include "metainfo/bitfield.h"
#include "metainfo/torrent_reader.h"
#include "metainfo/torrent_writer.h"
#include "wire/handshake.h"
#include "wire/peer_wire.h"
#include "wire/write.h"

namespace {

using namespace spate;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t file_size = 4 << 20;
constexpr std::uint32_t piece_size = 16 << 10;
constexpr std::uint32_t piece_count = file_size / piece_size;

// The same in both programs.
struct Payload {
    Payload() {
        Rng rng(1);
        bytes.resize(file_size);
        for (auto& octet : bytes) octet = static_cast<std::uint8_t>(rng.next());
        metainfo::NewTorrent torrent;
        torrent.version = metainfo::TorrentVersion::v1;
        torrent.name = "payload.bin";
        torrent.single_file = true;
        torrent.files = {{.path = {torrent.name}, .size = file_size}};
        torrent.piece_length = piece_size;
        metainfo::TorrentHashes hashes;
        for (std::uint32_t i = 0; i < piece_count; ++i) hashes.v1_pieces.push_back(hash::sha1(piece(i)));
        const auto layout = metainfo::plan_layout(torrent);
        metainfo = metainfo::read_torrent(as_bytes(metainfo::write_torrent(torrent, *layout, hashes).torrent))
                       .value();
    }
    Bytes piece(std::uint32_t index) const {
        return Bytes(bytes).subspan(std::size_t{index} * piece_size, piece_size);
    }

    std::vector<std::uint8_t> bytes;
    metainfo::Metainfo metainfo;
};

class SessionRun final : public engine::SessionEvents {
  public:
    SessionRun(const std::string& folder, std::uint32_t peers) : peers_(peers), world_(loop_.world()) {
        engine::SessionOptions options;
        options.bind = Address::loopback();
        options.port_first = options.port_last = 0;
        // While it downloads, a quarter is for those it dials.
        options.connections_max = options.torrent_connections_max = 2 * peers;
        options.upload_slots = peers;
        session_ = std::make_unique<engine::Session>(world_, options, *this, log_);
        const auto port = session_->start();
        if (!port || !session_->add({.what = payload_.metainfo, .folder = folder})) std::exit(1);
        std::printf("{\"port\": %u}\n", *port);
        std::fflush(stdout);
        timer_ = world_.reactor.make_timer([this] { look(); });
        resident_ = resident_bytes();
        heap_ = heap_bytes();
        look();
    }
    int run() {
        if (!loop_.on_signal({SIGTERM, SIGINT}, [this](int) { loop_.stop(); })) return 1;
        loop_.run();
        std::printf(
            "{\"finished\": %s, \"connected_most\": %u, \"resident\": %.0f, \"heap\": %.0f, \"cpu\": %.2f}\n",
            finished_ ? "true" : "false", connected_most_, per_peer_resident_, per_peer_heap_,
            cpu_seconds() - cpu_);
        return 0;
    }

  private:
    static constexpr Duration pause = std::chrono::milliseconds(20);
    void look() {
        const std::uint32_t connected = session_->load().connected;
        if (connected > 0 && cpu_ == 0) cpu_ = cpu_seconds();
        if (connected > connected_most_) {
            connected_most_ = connected;
            per_peer_heap_ = static_cast<double>(heap_bytes() - heap_) / connected;
            per_peer_resident_ = static_cast<double>(resident_bytes() - resident_) / connected;
        }
        timer_->arm(world_.reactor.now() + pause);
    }
    void on_finished(engine::TorrentId) override { finished_ = true; }
    void on_warning(engine::TorrentId, const std::string& text) override {
        std::fprintf(stderr, "%s\n", text.c_str());
    }

    std::uint32_t peers_;
    Payload payload_;
    io_linux::Loop loop_{1};
    io::World world_;
    NoLog log_;
    std::unique_ptr<engine::Session> session_;
    std::unique_ptr<io::Timer> timer_;
    std::size_t resident_ = 0;
    std::size_t heap_ = 0;
    std::uint32_t connected_most_ = 0;
    double per_peer_resident_ = 0;
    double per_peer_heap_ = 0;
    double cpu_ = 0;
    bool finished_ = false;
};

class Crowd;

class Peer final : public io::StreamHandler {
  public:
    Peer(Crowd& crowd, std::uint32_t number)
        : crowd_(crowd), number_(number), wire_({.fast = true, .piece_count = piece_count}) {}
    void start(std::unique_ptr<io::Stream> stream);
    void begin();
    bool complete() const { return have_count_ == piece_count; }

  private:
    static constexpr std::uint32_t asked_max = 8;
    void on_readable() override;
    void on_writable() override { flush(); }
    void take(const wire::Event& event);
    void ask();
    void flush();
    void add(std::uint32_t piece) {
        if (!have_[piece]) ++have_count_;
        have_[piece] = true;
    }
    void theirs(std::uint32_t piece) {
        if (!have_[piece]) wanted_.push_back(piece);
    }

    Crowd& crowd_;
    std::uint32_t number_;
    std::unique_ptr<io::Stream> stream_;
    wire::HandshakeReader handshake_;
    wire::PeerWire wire_;
    wire::Buffer out_;
    std::size_t sent_ = 0;
    std::vector<bool> have_ = std::vector<bool>(piece_count);
    std::vector<std::uint32_t> wanted_;
    std::uint32_t have_count_ = 0;
    std::uint32_t asked_ = 0;
    bool choked_ = true;
};

class Crowd {
  public:
    Crowd(std::uint16_t port, std::uint32_t count)
        : world(loop.world()), size(count), port_(port), begin_(Clock::now()) {
        for (std::uint32_t i = 0; i < count; ++i) peers_.push_back(std::make_unique<Peer>(*this, i));
        for (std::uint32_t i = 0; i < greeting_max; ++i) connect_next();
    }
    // A listener takes only so many from one address that have not greeted yet.
    void connect_next() {
        if (pending_.size() == size) return;
        Peer& peer = *peers_[pending_.size()];
        pending_.push_back(world.network.connect({Address::loopback(), port_}, [&peer](auto stream) {
            if (!stream) {
                std::fprintf(stderr, "%s\n", stream.error().message().c_str());
                std::exit(1);
            }
            peer.start(std::move(*stream));
        }));
    }
    void on_greeted() {
        connect_next();
        if (++greeted_ < size) return;
        begin_ = Clock::now();
        for (auto& peer : peers_) peer->begin();
    }
    int run() {
        loop.run();
        std::printf("{\"complete\": %zu, \"seconds\": %.2f}\n", complete_,
                    std::chrono::duration<double>(Clock::now() - begin_).count());
        return 0;
    }
    void on_complete() {
        if (++complete_ == peers_.size()) loop.stop();
    }
    void on_closed() {
        std::fprintf(stderr, "a connection was closed before its peer had everything; %zu have\n", complete_);
        std::exit(1);
    }

    io_linux::Loop loop{1};
    io::World world;
    std::uint32_t size;
    Payload payload;
    std::vector<std::uint8_t> read_buffer = std::vector<std::uint8_t>(256 << 10);
    std::vector<wire::Event> events;

  private:
    static constexpr std::uint32_t greeting_max = 16;
    std::uint16_t port_;
    std::vector<std::unique_ptr<Peer>> peers_;
    std::vector<std::unique_ptr<io::Pending>> pending_;
    std::size_t complete_ = 0;
    std::uint32_t greeted_ = 0;
    Clock::time_point begin_;
};

void Peer::start(std::unique_ptr<io::Stream> stream) {
    stream_ = std::move(stream);
    stream_->set_handler(*this);
    stream_->wait_readable();
    wire::Handshake hello{wire::our_reserved(false), *crowd_.payload.metainfo.info.hash.v1, {}};
    hello.reserved.octets[5] = 0;  // no extensions
    std::snprintf(reinterpret_cast<char*>(hello.peer_id.data()), hello.peer_id.size(), "-XX0000-%08u",
                  number_);
    const auto octets = wire::to_bytes(hello);
    out_.insert(out_.end(), octets.begin(), octets.end());
    metainfo::Bitfield have(piece_count);
    for (std::uint32_t i = 0; i < piece_count; ++i) {
        const bool own = crowd_.size < piece_count ? i % crowd_.size == number_ : i == number_ % piece_count;
        if (!own) continue;
        have.set(metainfo::PieceIndex(i));
        add(i);
    }
    wire::append(out_, wire::BitfieldMessage{have.bytes()});
    flush();
}

void Peer::begin() {
    wire::append(out_, wire::Unchoke{});
    wire::append(out_, wire::Interested{});
    flush();
}

void Peer::on_readable() {
    const auto got = stream_->read(crowd_.read_buffer);
    if (!got || got->at_end) {
        if (!complete()) crowd_.on_closed();
        stream_.reset();
        return;
    }
    if (!got->would_block) {
        Bytes bytes = Bytes(crowd_.read_buffer).first(got->count);
        if (handshake_.state() == wire::HandshakeReader::State::reading) {
            bytes = bytes.subspan(handshake_.feed(bytes));
            if (handshake_.state() == wire::HandshakeReader::State::complete) crowd_.on_greeted();
        }
        crowd_.events.clear();
        if (!wire_.feed(bytes, crowd_.events)) crowd_.on_closed();
        for (const wire::Event& event : crowd_.events) take(event);
        ask();
        flush();
    }
    if (stream_) stream_->wait_readable();
}

void Peer::take(const wire::Event& event) {
    if (const auto* have = std::get_if<wire::Have>(&event)) {
        theirs(have->piece.value);
    } else if (std::get_if<wire::HaveAll>(&event) != nullptr) {
        for (std::uint32_t i = 0; i < piece_count; ++i) theirs(i);
    } else if (const auto* field = std::get_if<wire::BitfieldMessage>(&event)) {
        const auto bits = metainfo::Bitfield::from_bytes(field->bytes, piece_count);
        for (std::uint32_t i = 0; bits && i < piece_count; ++i)
            if (bits->has(metainfo::PieceIndex(i))) theirs(i);
    } else if (std::get_if<wire::Choke>(&event) != nullptr) {
        choked_ = true;
    } else if (std::get_if<wire::Unchoke>(&event) != nullptr) {
        choked_ = false;
    } else if (const auto* reject = std::get_if<wire::Reject>(&event)) {
        --asked_;
        wanted_.push_back(reject->block.piece.value);
    } else if (const auto* request = std::get_if<wire::Request>(&event)) {
        const auto head = wire::piece_header(request->block);
        out_.insert(out_.end(), head.begin(), head.end());
        const auto bytes = crowd_.payload.piece(request->block.piece.value)
                               .subspan(request->block.offset, request->block.length);
        out_.insert(out_.end(), bytes.begin(), bytes.end());
    } else if (const auto* block = std::get_if<wire::BlockBytes>(&event); block && block->complete()) {
        --asked_;
        add(block->block.piece.value);
        wire::append(out_, wire::Have{block->block.piece});
        if (complete()) crowd_.on_complete();
    }
}

void Peer::ask() {
    while (!choked_ && asked_ < asked_max && !wanted_.empty()) {
        const std::size_t at = (number_ * std::size_t{7919} + have_count_) % wanted_.size();
        const std::uint32_t piece = std::exchange(wanted_[at], wanted_.back());
        wanted_.pop_back();
        if (have_[piece]) continue;
        ++asked_;
        wire::append(out_, wire::Request{{metainfo::PieceIndex(piece), 0, piece_size}});
    }
}

void Peer::flush() {
    if (!stream_ || sent_ == out_.size()) return;
    const Bytes rest[] = {Bytes(out_).subspan(sent_)};
    const auto wrote = stream_->write(rest);
    if (!wrote) return;
    sent_ += wrote->count;
    if (sent_ < out_.size()) return stream_->wait_writable();
    out_.clear();
    sent_ = 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) {
        std::fprintf(stderr, "usage: scale_peers session FOLDER PEERS | peers PORT PEERS\n");
        return 2;
    }
    static_cast<void>(io_linux::raise_fd_limit());
    io_linux::ignore_broken_pipes();
    const auto peers = static_cast<std::uint32_t>(std::atoi(argv[3]));
    if (std::string_view(argv[1]) == "session") return SessionRun(argv[2], peers).run();
    return Crowd(static_cast<std::uint16_t>(std::atoi(argv[2])), peers).run();
}
