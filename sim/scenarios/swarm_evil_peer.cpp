#include "sim/scenarios/swarm_evil_peer.h"

#include <algorithm>
#include <string>
#include <utility>

#include "metainfo/info_hash.h"
#include "sim/scenarios/evil_acts.h"

namespace spate::sim {
namespace {
constexpr std::size_t sessions_max = 64;
constexpr Duration call_pause = std::chrono::seconds(20);
}  // namespace

// One connection: greets, then does what its kind does.
class EvilSwarmPeer::Session final : public io::StreamHandler {
  public:
    Session(EvilSwarmPeer& peer, std::uint64_t number, std::unique_ptr<io::Stream> stream, bool called)
        : peer_(peer),
          number_(number),
          stream_(std::move(stream)),
          timer_(peer.world_.reactor.make_timer([this] { trickle(); })),
          act_(act_of(peer.settings_.kind)),
          line_{*peer.settings_.torrent, peer.rng_, {}, FreeRider([this](std::size_t bytes) {
                    (*peer_.settings_.taken)[stream_->remote().address] += bytes;
                })} {
        stream_->set_handler(*this);
        stream_->wait_readable();
        // Who is the victim itself must hear its id first.
        const bool mirrors = kind() == EvilKind::duplicates && !called && peer_.rng_.chance(1, 2);
        if (!mirrors) greet(peer_.greeting_id());
    }
    std::uint64_t number() const { return number_; }

  private:
    EvilKind kind() const { return peer_.settings_.kind; }

    void on_readable() override {
        std::array<std::uint8_t, 16384> buffer;
        const auto got = stream_->read(buffer);
        if (!got || got->at_end) return peer_.over(this);
        const Bytes bytes = Bytes(buffer).first(got->count);
        if (their_handshake_.size() < FrameCutter::handshake_size) put(their_handshake_, bytes);
        cutter_.feed(bytes, [this](const auto& frame) {
            if (act_.answer != nullptr) act_.answer(line_, frame);
        });
        if (cutter_.greeted() && !acted_) act();
        if (!acted_ || act_.reads) stream_->wait_readable();
        flush();
    }
    void on_writable() override { flush(); }

    // Once both handshakes are through.
    void act() {
        acted_ = true;
        if (!greeted_) {
            std::array<std::uint8_t, 20> their_id{};
            std::copy_n(their_handshake_.begin() + 48, 20, their_id.begin());
            greet(their_id);
        }
        if (kind() != EvilKind::slow_loris) met();
        if (act_.begin != nullptr) act_.begin(line_);
    }

    void greet(const std::array<std::uint8_t, 20>& id) {
        greeted_ = true;
        const auto& hash = line_.torrent.metainfo->info.hash;
        const hash::Sha1 swarm = hash.v1 ? *hash.v1 : metainfo::truncated(*hash.v2);
        RawBuffer hello{19};
        put(hello, std::string_view("BitTorrent protocol"));
        for (const int octet : {0, 0, 0, 0, 0, 0x10, 0, act_.claims_v2 ? 0x14 : 0x04})
            hello.push_back(static_cast<std::uint8_t>(octet));
        put(hello, Bytes(swarm));
        put(hello, Bytes(id));
        if (kind() == EvilKind::slow_loris) {
            slow_.assign(hello.begin() + 20, hello.end());
            hello.resize(20);
            met();
            trickle();
        }
        put(line_.out.buffer(), hello);
        flush();
    }

    void met() { peer_.simulation_.mark("evil: " + std::string(act_.name)); }

    void trickle() {
        if (slow_.empty()) return;
        line_.out.buffer().push_back(slow_.front());
        slow_.erase(slow_.begin());
        timer_->arm(peer_.world_.reactor.now() + std::chrono::minutes(1));
        flush();
    }

    void flush() {
        RawBuffer& out = line_.out.buffer();
        while (sent_ < out.size()) {
            const std::array parts{Bytes(out).subspan(sent_)};
            const auto sent = stream_->write(parts);
            if (!sent) return;  // the end of the input tells
            if (sent->would_block) return stream_->wait_writable();
            sent_ += sent->count;
        }
        out.clear();
        sent_ = 0;
    }

    EvilSwarmPeer& peer_;
    const std::uint64_t number_;
    std::unique_ptr<io::Stream> stream_;
    std::unique_ptr<io::Timer> timer_;
    const EvilAct& act_;
    EvilLine line_;
    FrameCutter cutter_;
    RawBuffer their_handshake_;
    std::size_t sent_ = 0;  // of what line_ has written
    RawBuffer slow_;
    bool greeted_ = false;
    bool acted_ = false;
};

EvilSwarmPeer::EvilSwarmPeer(io::World& world, Simulation& simulation, EvilSettings settings)
    : world_(world),
      simulation_(simulation),
      settings_(std::move(settings)),
      rng_(settings_.seed),
      call_timer_(world.reactor.make_timer([this] { call(); })) {
    for (auto& octet : id_) octet = static_cast<std::uint8_t>(rng_.below(256));
    if (auto listener = world_.network.listen({Address::v4(0, 0, 0, 0), port}, *this))
        listener_ = std::move(*listener);
    call_timer_->arm(world_.reactor.now() + std::chrono::milliseconds(100 + rng_.below(3000)));
}

EvilSwarmPeer::~EvilSwarmPeer() = default;

void EvilSwarmPeer::on_accept(std::unique_ptr<io::Stream> stream) {
    if (sessions_.size() >= sessions_max) return;
    const std::uint64_t number = next_++;
    sessions_[number] = std::make_unique<Session>(*this, number, std::move(stream), false);
}

std::array<std::uint8_t, 20> EvilSwarmPeer::greeting_id() {
    auto id = id_;
    if (is_crowd(settings_.kind))
        for (auto& octet : id) octet = static_cast<std::uint8_t>(rng_.below(256));
    return id;
}

void EvilSwarmPeer::call() {
    const bool many = settings_.kind == EvilKind::slow_loris || settings_.kind == EvilKind::duplicates;
    const int times = is_crowd(settings_.kind) ? 32 : many ? 6 : 1;
    for (const Endpoint& victim : settings_.victims)
        for (int i = 0; i < times; ++i) call_on(victim);
    call_timer_->arm(world_.reactor.now() + call_pause);
}

void EvilSwarmPeer::call_on(const Endpoint& victim) {
    if (sessions_.size() + calls_.size() >= sessions_max) return;
    const std::uint64_t number = next_++;
    calls_[number] =
        world_.network.connect(victim, [this, number](Result<std::unique_ptr<io::Stream>> stream) {
            calls_.erase(number);
            if (stream)
                sessions_[number] = std::make_unique<Session>(*this, number, std::move(*stream), true);
        });
}

void EvilSwarmPeer::over(Session* session) {
    sessions_.erase(session->number());
}

}  // namespace spate::sim
