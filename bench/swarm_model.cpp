// How near Spate's policy comes to the fluid bound in swarms too large for real hosts: the real picker,
// request window and super-seeding over modelled links. One seed, N leechers, equal links, a random mesh in
// which nobody has more connections than the limit; everybody serves everybody, as in a fleet.
//
//   swarm_model                      8, 16 and 1,000 leechers; 10,000 with the word "all": half an hour
//   swarm_model 1000 64 256 32       leechers, MiB, KiB a piece, connections of each at most
//
// Modelled: an uplink sends the blocks asked of it, one each neighbour in turn; a downlink takes one block at
// a time; messages take 1 ms; the engine's tick. Not modelled: TCP, losses, hashing, disks, the engine's care
// for the last second (bench/fleet.cpp has it all, for at most 200). Equal seeds give equal results.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <optional>
#include <queue>
#include <sys/resource.h>
#include <tuple>
#include <vector>

#include "base/rng.h"
#include "metainfo/file_layout.h"
#include "swarm/piece_picker.h"
#include "swarm/rate_meter.h"
#include "swarm/request_window.h"
#include "swarm/super_seeding.h"

namespace {

using namespace spate;
using namespace spate::swarm;
using metainfo::Bitfield;
using metainfo::FileLayout;

constexpr double link_bytes_per_second = 100e6 / 8;
constexpr Duration message_delay = std::chrono::milliseconds(1);
constexpr Duration tick_interval = std::chrono::seconds(1);

using NodeId = std::uint32_t;

struct Event {
    enum class Kind : std::uint8_t { tick, requests, uplink_free, downlink_done, have, seed_tells };
    TimePoint at;
    std::uint64_t order;
    Kind kind;
    NodeId node;
    std::uint32_t neighbour = 0;  // of node
    BlockRequest block{};
    bool operator>(const Event& other) const { return std::tie(at, order) > std::tie(other.at, other.order); }
};

struct Neighbour {
    NodeId node;
    std::uint32_t us_there;  // which neighbour of it we are
    RequestWindow window{TimePoint{}};
    std::deque<BlockRequest> asked_of_us{};
    RateMeter sent{};
};

struct Node {
    std::unique_ptr<PiecePicker> picker;
    std::vector<Neighbour> neighbours;
    std::uint32_t turn = 0;  // of the uplink
    bool sending = false;
    TimePoint downlink_free{};
    TimePoint done_at = never;
};

class Model {
  public:
    Model(std::uint32_t leechers, std::uint64_t bytes, std::uint64_t piece_bytes, std::uint32_t degree)
        : layout_(*FileLayout::make({{.size = bytes, .path = "payload"}}, {}, piece_bytes,
                                    FileLayout::Alignment::none)),
          nodes_(leechers + 1) {
        for (auto& node : nodes_) node.picker = std::make_unique<PiecePicker>(layout_);
        nodes_[0].picker->set_have(Bitfield(layout_.piece_count(), true));
        seeding_.emplace(layout_, rng_);
        for (NodeId node = 0; node < nodes_.size(); ++node) fill_up(node, degree);
    }

    // Seconds until the last leecher has everything.
    double run() {
        for (NodeId node = 0; node < nodes_.size(); ++node)
            schedule(TimePoint(Duration(rng_.below(static_cast<std::uint64_t>(tick_interval.count())))),
                     {.at = {}, .order = 0, .kind = Event::Kind::tick, .node = node});
        reveal();
        while (left_ > 0 && !events_.empty()) {
            const Event event = events_.top();
            events_.pop();
            now_ = event.at;
            handle(event);
        }
        return left_ > 0 ? -1 : std::chrono::duration<double>(now_.time_since_epoch()).count();
    }
    double seed_copies() const {
        return static_cast<double>(seed_sent_) / static_cast<double>(layout_.total_size());
    }
    double wasted_share() const {
        return static_cast<double>(wasted_) / static_cast<double>(layout_.total_size() * (nodes_.size() - 1));
    }

  private:
    static Duration time_for(std::uint64_t bytes) {
        return std::chrono::duration_cast<Duration>(
            std::chrono::duration<double>(static_cast<double>(bytes) / link_bytes_per_second));
    }

    // Everybody dials until the limit is reached on either side.
    void fill_up(NodeId node, std::uint32_t degree) {
        constexpr int tries_max = 1000;
        for (int tries = 0; nodes_[node].neighbours.size() < degree && tries < tries_max; ++tries) {
            const auto other = static_cast<NodeId>(rng_.below(nodes_.size()));
            if (nodes_[other].neighbours.size() < degree) connect(node, other);
        }
    }
    void connect(NodeId a, NodeId b) {
        auto& of_a = nodes_[a].neighbours;
        auto& of_b = nodes_[b].neighbours;
        if (a == b || std::ranges::any_of(of_a, [&](const Neighbour& n) { return n.node == b; })) return;
        of_a.push_back({b, static_cast<std::uint32_t>(of_b.size())});
        of_b.push_back({a, static_cast<std::uint32_t>(of_a.size() - 1)});
        nodes_[a].picker->peer_joined(PeerKey(static_cast<std::uint32_t>(of_a.size() - 1)));
        nodes_[b].picker->peer_joined(PeerKey(static_cast<std::uint32_t>(of_b.size() - 1)));
        if (a == 0) seeding_->peer_joined(PeerKey(static_cast<std::uint32_t>(of_a.size() - 1)));
        if (b == 0) seeding_->peer_joined(PeerKey(static_cast<std::uint32_t>(of_b.size() - 1)));
    }

    void schedule(TimePoint at, Event event) {
        event.at = at;
        event.order = next_order_++;
        events_.push(event);
    }

    void handle(const Event& event) {
        switch (event.kind) {
            case Event::Kind::tick:
                tick(event.node);
                break;
            case Event::Kind::requests:
                if (!nodes_[event.node].sending) send_next(event.node);
                break;
            case Event::Kind::uplink_free:
                send_next(event.node);
                break;
            case Event::Kind::downlink_done:
                received(event.node, event.neighbour, event.block);
                break;
            case Event::Kind::seed_tells: {
                const auto& other = nodes_[0].neighbours[event.neighbour];
                heard(other.node, other.us_there, event.block.piece);
                break;
            }
            case Event::Kind::have:
                for (const auto& other : nodes_[event.node].neighbours)
                    heard(other.node, other.us_there, event.block.piece);
                break;
        }
    }

    // The seed tells what it offers; once everything was offered, all the rest.
    void reveal() {
        if (!seeding_) return;
        std::vector<RevealedPiece> revealed;
        seeding_->reveal(now_, revealed);
        for (const auto& [peer, piece] : revealed) tell(peer.value, piece);
        if (!seeding_->finished()) return;
        for (std::uint32_t peer = 0; peer < nodes_[0].neighbours.size(); ++peer) {
            std::vector<PieceIndex> rest;
            seeding_->rest(PeerKey(peer), rest);
            for (const auto piece : rest) tell(peer, piece);
        }
        seeding_.reset();
    }

    void tell(std::uint32_t peer, PieceIndex piece) {
        schedule(now_ + message_delay, {.at = {},
                                        .order = 0,
                                        .kind = Event::Kind::seed_tells,
                                        .node = 0,
                                        .neighbour = peer,
                                        .block = {piece}});
    }

    void heard(NodeId node, std::uint32_t neighbour, PieceIndex piece) {
        if (nodes_[node].done_at != never) return;
        nodes_[node].picker->peer_has(PeerKey(neighbour), piece);
        if (node != 0) return ask(node, neighbour);
        if (seeding_) seeding_->peer_has(PeerKey(neighbour), piece);
        reveal();
    }

    void tick(NodeId node) {
        auto& us = nodes_[node];
        if (us.done_at == never || (node == 0 && seeding_))
            schedule(now_ + tick_interval, {.at = {}, .order = 0, .kind = Event::Kind::tick, .node = node});
        std::uint64_t rate = 0;
        for (const auto& other : us.neighbours) rate += other.sent.rate(now_);
        if (node == 0 && seeding_) {
            seeding_->fade();
            seeding_->set_ahead(rate);
        }
        for (std::uint32_t i = 0; i < us.neighbours.size(); ++i) {
            auto& other = us.neighbours[i];
            if (node == 0 && seeding_) seeding_->set_window(PeerKey(i), other.sent.rate(now_) / 2);
            if (node == 0 || us.done_at != never) continue;
            us.picker->set_speed(PeerKey(i), other.window.rate(), false, other.window.answer_time());
            ask(node, i);
        }
    }

    void ask(NodeId node, std::uint32_t neighbour) {
        auto& us = nodes_[node];
        auto& of = us.neighbours[neighbour];
        const PeerKey key(neighbour);
        const auto wanted = of.window.blocks(now_);
        const auto outstanding = us.picker->outstanding(key);
        if (outstanding * 4 >= wanted * 3) return;
        requests_.clear();
        for (const auto& taken :
             us.picker->pick(key, wanted - outstanding, pick_mode(of.window.rate(), layout_.piece_length()),
                             now_, rng_, requests_))
            cancel(us, taken);
        if (requests_.empty()) return;
        if (outstanding == 0) of.window.on_first_request(now_);
        auto& there = nodes_[of.node].neighbours[of.us_there];
        there.asked_of_us.insert(there.asked_of_us.end(), requests_.begin(), requests_.end());
        schedule(now_ + message_delay,
                 {.at = {}, .order = 0, .kind = Event::Kind::requests, .node = of.node});
    }

    void cancel(const Node& us, const PeerBlock& block) {
        const auto& other = us.neighbours[block.peer.value];
        std::erase(nodes_[other.node].neighbours[other.us_there].asked_of_us, block.request);
    }

    void send_next(NodeId node) {
        auto& us = nodes_[node];
        us.sending = false;
        for (std::size_t tried = 0; tried < us.neighbours.size(); ++tried) {
            us.turn = (us.turn + 1) % static_cast<std::uint32_t>(us.neighbours.size());
            auto& to = us.neighbours[us.turn];
            if (to.asked_of_us.empty()) continue;
            const BlockRequest block = to.asked_of_us.front();
            to.asked_of_us.pop_front();
            us.sending = true;
            const TimePoint sent = now_ + time_for(block.length);
            auto& there = nodes_[to.node];
            there.downlink_free = std::max(there.downlink_free + time_for(block.length), sent);
            schedule(sent, {.at = {}, .order = 0, .kind = Event::Kind::uplink_free, .node = node});
            schedule(there.downlink_free + message_delay, {.at = {},
                                                           .order = 0,
                                                           .kind = Event::Kind::downlink_done,
                                                           .node = to.node,
                                                           .neighbour = to.us_there,
                                                           .block = block});
            if (node == 0) seed_sent(us.turn, block);
            return;
        }
        if (node != 0 || !seeding_) return;
        seeding_->on_dry();
        reveal();
    }

    void seed_sent(std::uint32_t neighbour, const BlockRequest& block) {
        seed_sent_ += block.length;
        nodes_[0].neighbours[neighbour].sent.add(block.length, now_);
        if (!seeding_) return;
        seeding_->on_sent(PeerKey(neighbour), block.piece, block.length, now_);
        reveal();
    }

    void received(NodeId node, std::uint32_t neighbour, const BlockRequest& block) {
        auto& us = nodes_[node];
        auto& from = us.neighbours[neighbour];
        const auto outcome = us.picker->on_block(PeerKey(neighbour), block);
        if (outcome.asked_at) from.window.on_block(block.length, *outcome.asked_at, now_);
        if (outcome.verdict != BlockVerdict::accepted) wasted_ += block.length;
        for (const auto& block_there : outcome.cancel) cancel(us, block_there);
        if (outcome.piece_complete) {
            us.picker->verified(block.piece);
            if (us.picker->missing() == 0) {
                us.done_at = now_;
                --left_;
            }
            schedule(now_ + message_delay, {.at = {},
                                            .order = 0,
                                            .kind = Event::Kind::have,
                                            .node = node,
                                            .neighbour = 0,
                                            .block = {block.piece}});
        }
        if (us.done_at == never) ask(node, neighbour);
    }

    FileLayout layout_;
    Rng rng_{1};
    std::vector<Node> nodes_;
    std::optional<SuperSeeding> seeding_;
    std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
    std::vector<BlockRequest> requests_;
    std::uint64_t next_order_ = 0;
    std::uint64_t seed_sent_ = 0;
    std::uint64_t wasted_ = 0;
    std::size_t left_ = nodes_.size() - 1;
    TimePoint now_{};
};

void experiment(std::uint32_t leechers, std::uint64_t mib, std::uint64_t piece_kib, std::uint32_t degree) {
    Model model(leechers, mib << 20, piece_kib << 10, degree);
    const double seconds = model.run();
    const double file_bytes = static_cast<double>(mib << 20);
    const double bound = file_bytes / link_bytes_per_second;  // equal links: one copy's time
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    std::printf(
        "%8u leechers %6llu MiB %5llu KiB a piece, %3u connections: %7.2f s, %.3f x the fluid bound, seed "
        "sent "
        "%.2f copies, %.2f %% wasted (%ld s of CPU, %ld MiB until here)\n",
        leechers, static_cast<unsigned long long>(mib), static_cast<unsigned long long>(piece_kib), degree,
        seconds, seconds / bound, model.seed_copies(), model.wasted_share() * 100, usage.ru_utime.tv_sec,
        usage.ru_maxrss / 1024);
    std::fflush(stdout);
}

int complain_of_usage() {
    std::fputs("usage: swarm_model [all | LEECHERS MIB PIECE_KIB CONNECTIONS]   (numbers from 1 on)\n",
               stderr);
    return 2;
}

}  // namespace

int main(int argc, char** argv) {
    const bool all = argc == 2 && std::strcmp(argv[1], "all") == 0;
    if (argc == 5) {
        std::array<std::uint64_t, 4> numbers{};
        for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = std::strtoull(argv[i + 1], nullptr, 10);
        const auto [leechers, mebibytes, piece_kib, connections] = numbers;
        if (std::ranges::find(numbers, std::uint64_t{0}) != numbers.end()) return complain_of_usage();
        experiment(static_cast<std::uint32_t>(leechers), mebibytes, piece_kib,
                   static_cast<std::uint32_t>(connections));
        return 0;
    }
    if (argc != 1 && !all) return complain_of_usage();
    experiment(8, 256, 256, 32);
    experiment(16, 256, 256, 32);
    experiment(1000, 256, 256, 32);
    if (all) experiment(10'000, 64, 64, 32);
    return 0;
}
