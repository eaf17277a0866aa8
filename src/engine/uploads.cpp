#include "engine/uploads.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "swarm/address_kind.h"
#include "wire/allowed_fast.h"

namespace spate::engine {

Uploads::Uploads(const metainfo::FileLayout& layout, piece_store::PieceStore& store,
                 const metainfo::Bitfield& have, PeerTable& peers, swarm::ChokerOptions choker, Rng& rng,
                 UploadsOwner& owner)
    : layout_(layout),
      store_(store),
      have_(have),
      peers_(peers),
      owner_(owner),
      slots_(peers, rate_, choker, rng) {}

Uploads::~Uploads() {
    *alive_ = false;
}

void Uploads::offer_allowed_fast(Peer& peer, const hash::Sha1& swarm) {
    if (!peer.connection.wire().fast() || have_.none()) return;
    // The set is an address range's (BEP 6), and given to few of it: many peers of one range would else take
    // through it what their slots do not give them.
    const Address range = swarm::range_of(peer.connection.remote().address);
    std::uint32_t offered = 0;
    peers_.each([&](const Peer& other) {
        if (other.up.fast.empty()) return;
        if (swarm::range_of(other.connection.remote().address) == range) ++offered;
    });
    if (offered >= allowed_fast_peers) return;
    std::vector<metainfo::PieceIndex> pieces = wire::allowed_fast_set(
        peer.connection.remote().address, swarm, layout_.piece_count(), wire::allowed_fast_given);
    std::erase_if(pieces, [&](metainfo::PieceIndex piece) { return !have_.has(piece); });
    for (const metainfo::PieceIndex piece : pieces) peer.connection.send(wire::AllowedFast{piece});
    peer.up.fast.give(std::move(pieces));
}

// libtorrent asks for whole blocks of a v2 file, of the last one too, which the file does not fill; what lies
// beyond the file is zeros.
wire::BlockRequest Uploads::data_of(const wire::BlockRequest& request) const {
    if (request.piece.value >= layout_.piece_count()) return request;
    const std::uint32_t size = layout_.piece_size(request.piece);
    const std::uint64_t end = std::uint64_t{request.offset} + request.length;
    const std::uint64_t blocks_end = std::uint64_t{metainfo::block_count(size)} * metainfo::block_size;
    if (request.offset >= size || end <= size || end > blocks_end) return request;
    const auto is_v2 = [](const metainfo::File& file) { return file.pieces_root != hash::Sha256{}; };
    if (std::ranges::none_of(layout_.files(), is_v2)) return request;
    return {request.piece, request.offset, size - request.offset};
}

void Uploads::on_request(Peer& peer, const wire::BlockRequest& request, TimePoint now) {
    if (!wire::is_valid_request(data_of(request), layout_)) {
        peer.up.faults.add_invalid();
        if (peer.up.faults.too_many_invalid())
            return owner_.close_peer(peer, wire::CloseReason::invalid_requests);
        return refuse(peer, request);
    }
    slots_.on_asking(peer);
    if (!may_request(peer, request) || !peer.up.requests.push(request)) return refuse(peer, request);
    slots_.on_request(peer, now);
    owner_.on_asked(peer, request.piece);
    const wire::BlockRequest data = data_of(request);
    store_.expect(data.piece, data.offset);
}

bool Uploads::may_request(Peer& peer, const wire::BlockRequest& request) {
    if (!have_.has(request.piece) || !owner_.may_know(peer, request.piece)) return false;
    if (!peer.up.choked) return true;
    return peer.up.fast.has(request.piece) && peer.up.fast.take(request.length);
}

void Uploads::refuse(Peer& peer, const wire::BlockRequest& request) {
    peer.up.faults.add_refused();
    if (peer.up.faults.too_many_refused())
        return owner_.close_peer(peer, wire::CloseReason::too_many_requests);
    if (peer.connection.wire().fast()) peer.connection.send(wire::Reject{request});
}

void Uploads::on_cancel(Peer& peer, const wire::BlockRequest& request) {
    RequestFaults& faults = peer.up.faults;
    const bool waited = peer.up.requests.remove(request, faults.cancel_work()) || take_back(peer, request);
    // One that found nothing crossed with the block; too many of them did not.
    if (!waited) faults.add_refused();
    if (faults.too_many_refused() || faults.too_much_work())
        return owner_.close_peer(peer, wire::CloseReason::too_many_requests);
    if (!waited) return;
    if (peer.connection.wire().fast()) peer.connection.send(wire::Reject{request});
}

void Uploads::pump(Peer& peer, TimePoint now) {
    while (!peer.connection.closed() && !peer.up.requests.empty() && !peer.up.loading &&
           peer.connection.output_size() < peer.up.ahead.bytes() && peer.connection.pinned() < pinned_max) {
        if (!send_front(peer, now)) return;
    }
}

// False: it must wait.
bool Uploads::send_front(Peer& peer, TimePoint now) {
    const wire::BlockRequest request = peer.up.requests.front();
    if (peer.limit_up.available(request.length, now) == 0) {
        peer.up.waits_for_rate = true;
        owner_.wants_rate();
        return false;
    }
    const wire::BlockRequest data = data_of(request);
    auto view = store_.cached(data.piece, data.offset, data.length);
    if (!view) {
        load_front(peer, now);
        return false;
    }
    send(peer, std::move(*view), now);
    return true;
}

void Uploads::send(Peer& peer, piece_store::BlockView view, TimePoint now) {
    const wire::BlockRequest request = peer.up.requests.front();
    peer.up.requests.pop();
    peer.limit_up.take(request.length, now);
    peer.connection.send_block(request, std::move(view));
    owner_.on_block_out(peer, request);
}

// What it was counted for is as if it had not been. It cost us work, and too much of that is refused.
bool Uploads::take_back(Peer& peer, const wire::BlockRequest& request) {
    if (!peer.connection.take_back_block(request, peer.up.faults.cancel_work())) return false;
    peer.limit_up.give_back(request.length);
    peer.up.faults.add_refused();
    owner_.on_block_back(peer, request);
    return true;
}

void Uploads::load_front(Peer& peer, TimePoint now) {
    const wire::BlockRequest request = peer.up.requests.front();
    peer.up.loading = true;
    const wire::BlockRequest data = data_of(request);
    store_.read(
        data.piece, data.offset, data.length,
        [this, key = peer.key, number = peer.number, request, now,
         alive = alive_](Result<piece_store::BlockView> view) {
            if (!*alive) return;
            Peer* peer_now = peers_.find(key);
            const bool here = peer_now != nullptr && peer_now->number == number;
            if (!here) return;
            peer_now->up.loading = false;
            if (!view && peer_now->up.requests.remove(request, peer_now->up.faults.cancel_work()))
                refuse(*peer_now, request);
            // A request across windows is in no cache: what was read for it is sent.
            const RequestQueue& waiting = peer_now->up.requests;
            if (view && !peer_now->connection.closed() && !waiting.empty() && waiting.front() == request)
                send(*peer_now, std::move(*view), now);
            owner_.on_loaded(*peer_now);
        });
}

void Uploads::on_sent(Peer& peer, std::size_t block_bytes, TimePoint now) {
    if (block_bytes > 0) {
        uploaded_ += block_bytes;
        peer.up.bytes += block_bytes;
        peer.up.rate.add(block_bytes, now);
        rate_.add(block_bytes, now);
        if (peer.up.ahead.adjust(peer.up.rate.rate(now))) peer.connection.limit_unsent(peer.up.ahead.bytes());
    }
    if (peer.connection.output_size() <= peer.up.ahead.bytes() / 2) pump(peer, now);
}

void Uploads::on_rate(TimePoint now) {
    std::vector<Peer*> waiting;
    peers_.each([&](Peer& peer) {
        if (std::exchange(peer.up.waits_for_rate, false)) waiting.push_back(&peer);
    });
    if (waiting.empty()) return;
    std::ranges::rotate(waiting,
                        waiting.begin() + first_served_++ % static_cast<std::ptrdiff_t>(waiting.size()));
    for (Peer* peer : waiting) pump(*peer, now);
}

}  // namespace spate::engine
