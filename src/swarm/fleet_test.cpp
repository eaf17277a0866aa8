// A fleet in a model of its network: one seed and equal leechers, all connected, each with one uplink and one
// downlink that carry a block at a time. Everything that decides is the real policy: picker, window,
// super-seeding. Compared with the fluid bound max(F/u_s, F/d, N F / (u_s + sum u)).
#include <algorithm>
#include <deque>
#include <gtest/gtest.h>
#include <queue>

#include "swarm/picker_test_layout.h"
#include "swarm/piece_picker.h"
#include "swarm/request_window.h"
#include "swarm/super_seeding.h"

namespace spate::swarm {
namespace {

struct FleetOptions {
    std::uint32_t leechers = 8;
    std::uint32_t pieces = 256;
    std::uint32_t blocks = 16;  // a piece
    bool super_seed = true;
    std::uint64_t seed = 1;
};
struct FleetResult {
    double time_to_bound = 0;  // of the last leecher
    double seed_copies = 0;    // uploaded by the seed
    double wasted = 0;         // share of what was sent
};

class Fleet {
  public:
    explicit Fleet(const FleetOptions& options)
        : options_(options),
          rng_(options.seed),
          layout_(pieces_of_blocks(options.pieces, options.blocks)),
          reveals_(layout_, rng_) {
        reveals_.set_ahead(metainfo::block_size * (std::chrono::seconds(1) / block_time));
        for (std::uint32_t i = 0; i <= options.leechers; ++i)
            nodes_.push_back(std::make_unique<Node>(layout_, i));
        for (std::uint32_t i = 1; i <= options.leechers; ++i)
            for (std::uint32_t j = 0; j <= options.leechers; ++j)
                if (j != i) nodes_[i]->picker.peer_joined(PeerKey(j));
    }

    FleetResult run() {
        for (std::uint32_t i = 1; i <= options_.leechers; ++i) {
            if (options_.super_seed)
                reveals_.peer_joined(PeerKey(i));
            else
                nodes_[i]->picker.peer_has_all(PeerKey(0));
        }
        reveal();
        for (std::uint32_t i = 1; i <= options_.leechers; ++i) fill_all(i);
        while (!events_.empty()) {
            const auto event = events_.top();
            events_.pop();
            now_ = event.at;
            happen(event);
        }
        return result();
    }

  private:
    static constexpr Duration block_time = std::chrono::microseconds(1311);  // 100 Mbit/s
    static constexpr Duration latency = std::chrono::microseconds(500);

    struct Waiting {
        std::uint32_t from;
        BlockRequest request;
    };
    struct Node {
        Node(const metainfo::FileLayout& layout, std::uint32_t self)
            : picker(layout), windows(64, RequestWindow(TimePoint{})), queues(64), number(self) {}
        PiecePicker picker;
        std::vector<RequestWindow> windows;
        std::vector<std::deque<BlockRequest>> queues;  // by who asked
        std::uint32_t number;
        std::uint32_t next_queue = 0;
        bool sending = false;
        TimePoint down_free{};
        TimePoint done{};
    };
    enum class What : std::uint8_t { request, sent, block, have, cancel, tick };
    struct Event {
        TimePoint at;
        std::uint64_t order;
        What what;
        std::uint32_t to;
        std::uint32_t from;
        BlockRequest request{};
        bool operator<(const Event& other) const {
            return std::pair(at, order) > std::pair(other.at, other.order);
        }
    };

    void later(Duration after, What what, std::uint32_t to, std::uint32_t from, BlockRequest request = {}) {
        events_.push({now_ + after, order_++, what, to, from, request});
    }

    void happen(const Event& event) {
        auto& node = *nodes_[event.to];
        switch (event.what) {
            case What::request:
                node.queues[event.from].push_back(event.request);
                return send_next(node);
            case What::cancel: {
                auto& queue = node.queues[event.from];
                std::erase(queue, event.request);
                return;
            }
            case What::sent:
                node.sending = false;
                return send_next(node);
            case What::have:
                node.picker.peer_has(PeerKey(event.from), event.request.piece);
                return fill(event.to, event.from);
            case What::block:
                return arrive(node, event.from, event.request);
            case What::tick:
                return;
        }
    }

    // The uplink carries one block at a time, of those that asked in turn.
    void send_next(Node& node) {
        if (node.sending) return;
        for (std::uint32_t i = 0; i < node.queues.size(); ++i) {
            const auto to = (node.next_queue + i) % node.queues.size();
            auto& queue = node.queues[to];
            if (queue.empty()) continue;
            const auto request = queue.front();
            queue.pop_front();
            node.next_queue = static_cast<std::uint32_t>(to) + 1;
            node.sending = true;
            ++sent_;
            if (node.number == 0) ++sent_by_seed_;
            auto& receiver = *nodes_[to];
            receiver.down_free = std::max(receiver.down_free, now_ + latency) + block_time;
            later(block_time, What::sent, node.number, 0);
            later(receiver.down_free - now_, What::block, static_cast<std::uint32_t>(to), node.number,
                  request);
            if (node.number == 0 && options_.super_seed && !told_all_) {
                reveals_.on_sent(PeerKey(static_cast<std::uint32_t>(to)), request.piece, request.length,
                                 now_);
                reveal();
            }
            return;
        }
        if (node.number != 0 || !options_.super_seed || told_all_) return;
        reveals_.on_dry();
        reveal();
    }

    void arrive(Node& node, std::uint32_t from, const BlockRequest& request) {
        const auto outcome = node.picker.on_block(PeerKey(from), request);
        auto& window = node.windows[from];
        if (outcome.asked_at) window.on_block(request.length, *outcome.asked_at, now_);
        node.picker.set_speed(PeerKey(from), window.rate(), false, window.answer_time());
        if (outcome.verdict != BlockVerdict::accepted) ++wasted_;
        for (const auto& cancel : outcome.cancel)
            later(latency, What::cancel, cancel.peer.value, node.number, cancel.request);
        if (outcome.piece_complete) complete(node, request.piece);
        fill(node.number, from);
    }

    void complete(Node& node, PieceIndex piece) {
        node.picker.verified(piece);
        if (node.picker.missing() == 0) node.done = now_;
        for (const auto& other : nodes_)
            if (other->number != 0 && other->number != node.number)
                later(latency, What::have, other->number, node.number, {piece, 0, 0});
        if (options_.super_seed && !told_all_) {
            reveals_.peer_has(PeerKey(node.number), piece);
            reveal();
        }
    }

    void reveal() {
        if (!options_.super_seed || told_all_) return;
        revealed_.clear();
        reveals_.reveal(now_, revealed_);
        for (const auto& one : revealed_) later(latency, What::have, one.peer.value, 0, {one.piece, 0, 0});
        if (!reveals_.finished()) return;
        told_all_ = true;
        for (std::uint32_t i = 1; i <= options_.leechers; ++i) {
            std::vector<PieceIndex> rest;
            reveals_.rest(PeerKey(i), rest);
            for (const auto piece : rest) later(latency, What::have, i, 0, {piece, 0, 0});
        }
    }

    void fill_all(std::uint32_t node) {
        for (std::uint32_t from = 0; from < nodes_.size(); ++from)
            if (from != node) fill(node, from);
    }

    void fill(std::uint32_t number, std::uint32_t from) {
        auto& node = *nodes_[number];
        const auto window = node.windows[from].blocks(now_);
        const auto waiting = node.picker.outstanding(PeerKey(from));
        if (waiting * 4 >= window * 3) return;
        picked_.clear();
        const auto taken_over = node.picker.pick(PeerKey(from), window - waiting,
                                                 pick_mode(node.windows[from].rate(), layout_.piece_length()),
                                                 now_, rng_, picked_);
        for (const auto& cancel : taken_over)
            later(latency, What::cancel, cancel.peer.value, node.number, cancel.request);
        if (!picked_.empty() && waiting == 0) node.windows[from].on_first_request(now_);
        for (const auto& request : picked_) later(latency, What::request, from, number, request);
    }

    FleetResult result() const {
        const auto n = static_cast<double>(options_.leechers);
        const double blocks = options_.pieces * static_cast<double>(options_.blocks);
        const double bound = blocks * std::max(1.0, n * 1.0 / (n + 1));  // in block times: F/u
        TimePoint last{};
        for (const auto& node : nodes_) {
            if (node->number == 0) continue;
            EXPECT_EQ(node->picker.missing(), 0U);
            last = std::max(last, node->done);
        }
        const auto taken = static_cast<double>(last.time_since_epoch() / block_time);
        return {taken / bound, sent_by_seed_ / blocks, wasted_ / static_cast<double>(sent_)};
    }

    FleetOptions options_;
    Rng rng_;
    metainfo::FileLayout layout_;
    SuperSeeding reveals_;
    std::vector<std::unique_ptr<Node>> nodes_;
    std::priority_queue<Event> events_;
    std::uint64_t order_ = 0;
    TimePoint now_{};
    bool told_all_ = false;
    std::uint64_t sent_ = 0;
    double sent_by_seed_ = 0;
    double wasted_ = 0;
    std::vector<RevealedPiece> revealed_;
    std::vector<BlockRequest> picked_;
};

TEST(Fleet, OneCopyLeavesTheSeedAndTheLastLeecherIsNearTheFluidBound) {
    for (const std::uint32_t leechers : {8U, 16U}) {
        const auto result = Fleet({.leechers = leechers, .pieces = 400, .blocks = 8}).run();
        EXPECT_LT(result.time_to_bound, 1.08) << leechers;
        EXPECT_LT(result.seed_copies, 1.08) << leechers;
        EXPECT_LT(result.wasted, 0.01) << leechers;
    }
}

TEST(Fleet, AnOrdinarySeedIsNotFarFromIt) {
    for (const std::uint32_t leechers : {1U, 8U}) {
        const auto result =
            Fleet({.leechers = leechers, .pieces = 400, .blocks = 8, .super_seed = false}).run();
        EXPECT_LT(result.time_to_bound, 1.25) << leechers;
        EXPECT_LT(result.wasted, 0.01) << leechers;
    }
}

}  // namespace
}  // namespace spate::swarm
