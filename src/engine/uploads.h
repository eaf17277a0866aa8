// Uploads: whom to serve, and how. Requests are checked and queued, their bytes go out as views of the
// store's windows; what is not in one is read first. Served only is what was hashed. Who is not interested,
// yet or any more, is unchoked until somebody else wants its slot: when it is, it need not wait to be told.
// So is who says it is interested and never asks for anything, for ask_time. Caps: RequestQueue::requests_max
// a peer, output_max bytes of a peer's output; who sends invalid_max false requests, or refused_max in a
// round that cannot be served (cancels of what does not wait count too), is left (reliability.md rows 28, 29,
// 33). Owner: Content. Thread: the reactor's.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/rng.h"
#include "engine/peer_table.h"
#include "metainfo/metainfo.h"
#include "piece_store/piece_store.h"
#include "swarm/choker.h"

namespace spate::engine {

class UploadsOwner {
  public:
    virtual ~UploadsOwner() = default;
    virtual void close_peer(Peer& peer, wire::CloseReason reason) = 0;
    // What it waits for is in memory now: pump() it.
    virtual void on_loaded(Peer& peer) = 0;
    // Whether it was told of that piece.
    virtual bool may_know(const Peer& peer, metainfo::PieceIndex piece) const = 0;
    virtual void on_asked(const Peer& peer, metainfo::PieceIndex piece) = 0;
    virtual void on_block_out(const Peer& peer, const wire::BlockRequest& block) = 0;
    // It was cancelled before a byte of it was sent.
    virtual void on_block_back(const Peer& peer, const wire::BlockRequest& block) = 0;
    // Requests wait for the rate limit: call on_rate() soon.
    virtual void wants_rate() = 0;
};

class Uploads {
  public:
    // What a peer is sent ahead of its link, in our output and as much again in the system's: what it takes
    // in output_time. More of it, and what is told to it waits, and cancels come too late.
    static constexpr std::size_t output_min = 64 << 10;
    static constexpr std::size_t output_max = 1 << 20;
    static constexpr Duration output_time = std::chrono::milliseconds(50);
    // Of windows that the blocks in a peer's output keep in memory: much more than the blocks, if they are
    // small.
    static constexpr std::size_t pinned_max = 4 << 20;
    static constexpr Duration ask_time = std::chrono::seconds(2);
    static constexpr std::uint32_t invalid_max = 30;
    static constexpr std::uint32_t refused_max = 5000;
    static constexpr std::uint64_t cancel_work_max = 4'000'000;  // in a round: some 10 ms
    static constexpr std::uint64_t fast_bytes_max = 8 << 20;     // to one choked peer
    static constexpr std::uint32_t allowed_fast_peers = 2;       // of one address range at a time

    Uploads(const metainfo::FileLayout& layout, piece_store::PieceStore& store,
            const metainfo::Bitfield& have, PeerTable& peers, swarm::ChokerOptions choker, Rng& rng,
            UploadsOwner& owner);
    ~Uploads();
    Uploads(const Uploads&) = delete;
    Uploads& operator=(const Uploads&) = delete;

    void offer_allowed_fast(Peer& peer, const hash::Sha1& swarm);
    // It knows what we have: it may rest in a slot that nobody wants.
    void offer_slot(Peer& peer, TimePoint now);
    void peer_gone(Peer& peer);
    void on_interested(Peer& peer, TimePoint now);
    void on_not_interested(Peer& peer);
    void on_request(Peer& peer, const wire::BlockRequest& request, TimePoint now);
    void on_cancel(Peer& peer, const wire::BlockRequest& request);
    // Sends what the peer may have now.
    void pump(Peer& peer, TimePoint now);
    void on_sent(Peer& peer, std::size_t block_bytes, TimePoint now);
    // Tokens have come: those that wait for them, another one first each time.
    void on_rate(TimePoint now);
    // A slot that somebody left is given on.
    void on_turn_end(bool seeding, TimePoint now);
    void on_tick(bool seeding, TimePoint now);

    std::uint64_t uploaded() const { return uploaded_; }
    std::uint64_t rate(TimePoint now) const { return rate_.rate(now); }

  private:
    wire::BlockRequest data_of(const wire::BlockRequest& request) const;
    bool may_request(Peer& peer, const wire::BlockRequest& request);
    static bool is_allowed_fast(const Peer& peer, metainfo::PieceIndex piece);
    void refuse(Peer& peer, const wire::BlockRequest& request);
    bool send_front(Peer& peer, TimePoint now);
    void load_front(Peer& peer, TimePoint now);
    void send(Peer& peer, piece_store::BlockView view, TimePoint now);
    static void adjust_output(Peer& peer, TimePoint now);
    bool take_back(Peer& peer, const wire::BlockRequest& request);
    swarm::ChokeCandidate candidate(const Peer& peer, TimePoint now) const;
    void look_for_silence(Peer& peer, TimePoint now);
    static void wants_something(Peer& peer, TimePoint now);
    void asks(Peer& peer, TimePoint now);
    void choke_round(bool seeding, TimePoint now);
    void fill_slots(bool seeding, TimePoint now);
    void carry_out(const swarm::ChokeDecision& decision, TimePoint now);
    void choke(Peer& peer);
    void drop_requests(Peer& peer);
    void unchoke(Peer& peer, TimePoint now);

    const metainfo::FileLayout& layout_;
    piece_store::PieceStore& store_;
    const metainfo::Bitfield& have_;
    PeerTable& peers_;
    Rng& rng_;
    UploadsOwner& owner_;
    swarm::Choker choker_;
    swarm::RateMeter rate_;
    std::uint64_t uploaded_ = 0;
    TimePoint next_round_{};
    std::uint32_t first_served_ = 0;  // of on_rate()
    bool slot_left_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace spate::engine
