// Uploads: how peers are served; whom, UploadSlots says. Requests are checked and queued, their bytes go out
// as views of the store's windows; what is not in one is read first. Served only is what was hashed. Caps:
// RequestQueue::requests_max a peer, SendAhead::output_max bytes of a peer's output; who goes beyond what
// RequestFaults allows is left. Owner: Content. Thread: the reactor's.
#pragma once

#include <cstdint>
#include <memory>

#include "base/rng.h"
#include "engine/peer_table.h"
#include "engine/upload_slots.h"
#include "metainfo/metainfo.h"
#include "piece_store/piece_store.h"

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
    // Of windows that the blocks in a peer's output keep in memory: much more than the blocks, if they are
    // small.
    static constexpr std::size_t pinned_max = 4 << 20;
    static constexpr std::uint32_t allowed_fast_peers = 2;  // of one address range at a time

    Uploads(const metainfo::FileLayout& layout, piece_store::PieceStore& store,
            const metainfo::Bitfield& have, PeerTable& peers, swarm::ChokerOptions choker, Rng& rng,
            UploadsOwner& owner);
    ~Uploads();
    Uploads(const Uploads&) = delete;
    Uploads& operator=(const Uploads&) = delete;

    void offer_allowed_fast(Peer& peer, const hash::Sha1& swarm);
    void on_request(Peer& peer, const wire::BlockRequest& request, TimePoint now);
    void on_cancel(Peer& peer, const wire::BlockRequest& request);
    // Sends what the peer may have now.
    void pump(Peer& peer, TimePoint now);
    void on_sent(Peer& peer, std::size_t block_bytes, TimePoint now);
    // Tokens have come: those that wait for them, another one first each time.
    void on_rate(TimePoint now);

    UploadSlots& slots() { return slots_; }
    std::uint64_t uploaded() const { return uploaded_; }
    std::uint64_t rate(TimePoint now) const { return rate_.rate(now); }

  private:
    wire::BlockRequest data_of(const wire::BlockRequest& request) const;
    bool may_request(Peer& peer, const wire::BlockRequest& request);
    void refuse(Peer& peer, const wire::BlockRequest& request);
    bool send_front(Peer& peer, TimePoint now);
    void load_front(Peer& peer, TimePoint now);
    void send(Peer& peer, piece_store::BlockView view, TimePoint now);
    bool take_back(Peer& peer, const wire::BlockRequest& request);

    const metainfo::FileLayout& layout_;
    piece_store::PieceStore& store_;
    const metainfo::Bitfield& have_;
    PeerTable& peers_;
    UploadsOwner& owner_;
    swarm::RateMeter rate_;
    UploadSlots slots_;
    std::uint64_t uploaded_ = 0;
    std::uint32_t first_served_ = 0;  // of on_rate()
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace spate::engine
