// How near Spate's policy comes to the fluid bound in swarms too large for real hosts: the real picker,
// request window and super-seeding over modelled links. One seed, N leechers, equal links, a random mesh;
// everybody serves everybody, as in a fleet.
//
//   swarm_model                      1,000 and 10,000 leechers
//   swarm_model 1000 64 256 10       leechers, MiB, KiB a piece, links a leecher makes
//
// Modelled: an uplink sends the blocks asked of it, one each neighbour in turn; a downlink takes one block at
// a time; messages take 1 ms. Not modelled: TCP, losses, hashing, disks. Equal seeds give equal results.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <queue>
#include <vector>

#include "base/rng.h"
#include "metainfo/file_layout.h"
#include "swarm/piece_picker.h"
#include "swarm/request_window.h"
#include "swarm/super_seeding.h"

namespace {

using namespace spate;
using namespace spate::swarm;
using metainfo::Bitfield;
using metainfo::FileLayout;

constexpr double link_bytes_per_second = 100e6 / 8;
constexpr Duration message_delay = std::chrono::milliseconds(1);

using NodeId = std::uint32_t;

struct Event {
    enum class Kind : std::uint8_t { requests, uplink_free, downlink_done, have };
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
    std::deque<BlockRequest> asked_of_us;
    std::vector<std::pair<BlockRequest, TimePoint>> asked;  // of it, when
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
        seeding_.emplace(layout_, Reveal::ahead, rng_);
        for (NodeId node = 1; node < nodes_.size(); ++node)
            for (std::uint32_t i = 0; i < std::min(degree, leechers); ++i)
                connect(node, static_cast<NodeId>(rng_.below(nodes_.size())));
        for (std::uint32_t i = 0; i < std::min(2 * degree, leechers); ++i)
            connect(0, 1 + static_cast<NodeId>(rng_.below(leechers)));
    }

    // Seconds until the last leecher has everything.
    double run() {
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

  private:
    static Duration time_for(std::uint64_t bytes) {
        return std::chrono::duration_cast<Duration>(
            std::chrono::duration<double>(static_cast<double>(bytes) / link_bytes_per_second));
    }

    void connect(NodeId a, NodeId b) {
        auto& of_a = nodes_[a].neighbours;
        auto& of_b = nodes_[b].neighbours;
        if (a == b || std::ranges::any_of(of_a, [&](const Neighbour& n) { return n.node == b; })) return;
        of_a.push_back({b, static_cast<std::uint32_t>(of_b.size()), RequestWindow{TimePoint{}}, {}, {}});
        of_b.push_back({a, static_cast<std::uint32_t>(of_a.size() - 1), RequestWindow{TimePoint{}}, {}, {}});
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
            case Event::Kind::requests:
                if (!nodes_[event.node].sending) send_next(event.node);
                break;
            case Event::Kind::uplink_free:
                send_next(event.node);
                break;
            case Event::Kind::downlink_done:
                received(event.node, event.neighbour, event.block);
                break;
            case Event::Kind::have:
                nodes_[event.node].picker->peer_has(PeerKey(event.neighbour), event.block.piece);
                if (event.node == 0) {
                    if (seeding_) seeding_->peer_has(PeerKey(event.neighbour), event.block.piece);
                    reveal();
                } else {
                    ask(event.node, event.neighbour);
                }
                break;
        }
    }

    // The seed tells what it offers; once everything was offered, all the rest.
    void reveal() {
        if (!seeding_) return;
        std::vector<RevealedPiece> revealed;
        seeding_->reveal(now_, revealed);
        for (const auto& [peer, piece] : revealed) tell(0, peer.value, piece);
        if (!seeding_->finished()) return;
        for (std::uint32_t peer = 0; peer < nodes_[0].neighbours.size(); ++peer) {
            std::vector<PieceIndex> rest;
            seeding_->rest(PeerKey(peer), rest);
            for (const auto piece : rest) tell(0, peer, piece);
        }
        seeding_.reset();
    }

    void tell(NodeId node, std::uint32_t neighbour, PieceIndex piece) {
        const auto& other = nodes_[node].neighbours[neighbour];
        if (nodes_[other.node].done_at != never) return;
        schedule(now_ + message_delay, {.at = {},
                                        .order = 0,
                                        .kind = Event::Kind::have,
                                        .node = other.node,
                                        .neighbour = other.us_there,
                                        .block = {piece}});
    }

    void ask(NodeId node, std::uint32_t neighbour) {
        auto& us = nodes_[node];
        auto& of = us.neighbours[neighbour];
        const auto wanted = of.window.blocks(now_);
        if (of.asked.size() * 4 > wanted * 3) return;
        requests_.clear();
        us.picker->pick(PeerKey(neighbour), wanted - static_cast<std::uint32_t>(of.asked.size()),
                        PickMode::spread, now_, rng_, requests_);
        if (requests_.empty()) return;
        if (of.asked.empty()) of.window.on_first_request(now_);
        auto& there = nodes_[of.node].neighbours[of.us_there];
        for (const auto& request : requests_) {
            of.asked.emplace_back(request, now_);
            there.asked_of_us.push_back(request);
        }
        schedule(now_ + message_delay,
                 {.at = {}, .order = 0, .kind = Event::Kind::requests, .node = of.node});
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
    }

    void seed_sent(std::uint32_t neighbour, const BlockRequest& block) {
        seed_sent_ += block.length;
        if (!seeding_) return;
        seeding_->on_sent(PeerKey(neighbour), block.piece, block.length);
        reveal();
    }

    void received(NodeId node, std::uint32_t neighbour, const BlockRequest& block) {
        auto& us = nodes_[node];
        auto& from = us.neighbours[neighbour];
        std::erase_if(from.asked, [&](const auto& asked) { return asked.first == block; });
        const auto outcome = us.picker->on_block(PeerKey(neighbour), block);
        if (outcome.asked_at) from.window.on_block(block.length, *outcome.asked_at, now_);
        for (const auto& [peer, request] : outcome.cancel) {
            auto& other = us.neighbours[peer.value];
            std::erase_if(other.asked, [&](const auto& asked) { return asked.first == request; });
            std::erase(nodes_[other.node].neighbours[other.us_there].asked_of_us, request);
        }
        if (outcome.piece_complete) {
            us.picker->verified(block.piece);
            if (us.picker->missing() == 0) {
                us.done_at = now_;
                --left_;
            }
            for (std::uint32_t other = 0; other < us.neighbours.size(); ++other)
                tell(node, other, block.piece);
        }
        ask(node, neighbour);
    }

    FileLayout layout_;
    Rng rng_{1};
    std::vector<Node> nodes_;
    std::optional<SuperSeeding> seeding_;
    std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
    std::vector<BlockRequest> requests_;
    std::uint64_t next_order_ = 0;
    std::uint64_t seed_sent_ = 0;
    std::size_t left_ = nodes_.size() - 1;
    TimePoint now_{};
};

void experiment(std::uint32_t leechers, std::uint64_t mib, std::uint64_t piece_kib, std::uint32_t degree) {
    Model model(leechers, mib << 20, piece_kib << 10, degree);
    const double seconds = model.run();
    const double file_bytes = static_cast<double>(mib << 20);
    const double bound = file_bytes / link_bytes_per_second;  // equal links: one copy's time
    std::printf(
        "%8u leechers %6llu MiB %5llu KiB a piece, degree %2u: %7.2f s, %.3f x the fluid bound, seed sent "
        "%.2f copies\n",
        leechers, static_cast<unsigned long long>(mib), static_cast<unsigned long long>(piece_kib), degree,
        seconds, seconds / bound, model.seed_copies());
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 5) {
        experiment(static_cast<std::uint32_t>(std::strtoul(argv[1], nullptr, 10)),
                   std::strtoull(argv[2], nullptr, 10), std::strtoull(argv[3], nullptr, 10),
                   static_cast<std::uint32_t>(std::strtoul(argv[4], nullptr, 10)));
        return 0;
    }
    experiment(8, 256, 256, 8);
    experiment(16, 256, 256, 10);
    experiment(1000, 256, 256, 10);
    experiment(10'000, 64, 64, 10);
    return 0;
}
