#include "engine/uploads.h"

#include <algorithm>
#include <utility>

#include "swarm/address_kind.h"
#include "wire/allowed_fast.h"

namespace spate::engine {

Uploads::Uploads(const metainfo::FileLayout& layout, piece_store::PieceStore& store,
                 const metainfo::Bitfield& have, PeerTable& peers, swarm::ChokerOptions choker, Rng& rng,
                 UploadsOwner& owner)
    : layout_(layout), store_(store), have_(have), peers_(peers), rng_(rng), owner_(owner), choker_(choker) {}

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
        if (other.up.allowed_fast.empty()) return;
        if (swarm::range_of(other.connection.remote().address) == range) ++offered;
    });
    if (offered >= allowed_fast_peers) return;
    peer.up.allowed_fast = wire::allowed_fast_set(peer.connection.remote().address, swarm,
                                                  layout_.piece_count(), wire::allowed_fast_given);
    std::erase_if(peer.up.allowed_fast, [&](metainfo::PieceIndex piece) { return !have_.has(piece); });
    for (const metainfo::PieceIndex piece : peer.up.allowed_fast)
        peer.connection.send(wire::AllowedFast{piece});
}

void Uploads::offer_slot(Peer& peer, TimePoint now) {
    if (choker_.fill_slot(candidate(peer, now), now)) unchoke(peer, now);
}

void Uploads::peer_gone(Peer& peer) {
    if (peer.up.silent_since) choker_.wasted();
    slot_left_ |= !peer.up.choked;
    choker_.peer_gone(peer.key);
}

swarm::ChokeCandidate Uploads::candidate(const Peer& peer, TimePoint now) const {
    const Address& address = peer.connection.remote().address;
    return {.peer = peer.key,
            .address = address,
            .interested = peer.up.interested,
            .upload_only = peer.upload_only,
            .snubs_us = peer.down.snubbed,
            .local = swarm::is_local(address),
            .rate_from = peer.down.rate.rate(now),
            .rate_to = peer.up.rate.rate(now),
            .bytes_to = peer.up.bytes,
            .connected_at = peer.up.connected_at};
}

void Uploads::on_interested(Peer& peer, TimePoint now) {
    peer.up.interested = true;
    const swarm::ChokeCandidate wants = candidate(peer, now);
    if (!peer.up.choked) {
        wants_something(peer, now);
        if (peer.up.silences == 0) choker_.goes_on(peer.key, now);
        return;
    }
    if (!choker_.fill_slot(wants, now)) {
        const auto key = choker_.gives_way_to(wants);
        Peer* other = key ? peers_.find(*key) : nullptr;
        if (other == nullptr) return;
        choker_.peer_gone(*key);
        choke(*other);
        choker_.give_slot(wants, now);
    }
    unchoke(peer, now);
}

void Uploads::on_not_interested(Peer& peer) {
    peer.up.interested = false;
    choker_.rests(peer.key);
    drop_requests(peer);
}

void Uploads::unchoke(Peer& peer, TimePoint now) {
    if (!std::exchange(peer.up.choked, false)) return;
    peer.connection.send(wire::Unchoke{});
    if (peer.up.interested) wants_something(peer, now);
}

// It may ask from now on. To lose interest and find it again is not to ask.
void Uploads::wants_something(Peer& peer, TimePoint now) {
    if (!peer.up.asked && !peer.up.silent_since) peer.up.silent_since = now;
}

void Uploads::asks(Peer& peer, TimePoint now) {
    if (std::exchange(peer.up.asked, true)) return;
    peer.up.silent_since.reset();
    if (std::exchange(peer.up.silences, 0) == 0) return;
    if (!peer.up.choked && peer.up.interested) choker_.goes_on(peer.key, now);
}

// Who has asked before may have nothing to ask for now: all it lacks is asked of others.
void Uploads::look_for_silence(Peer& peer, TimePoint now) {
    if (!peer.up.silent_since || !peer.up.interested) return;
    if (now - *peer.up.silent_since < ask_time) return;
    ++peer.up.silences;
    choker_.rests(peer.key);
    choker_.wasted();
}

void Uploads::choke(Peer& peer) {
    if (std::exchange(peer.up.choked, true)) return;
    peer.connection.send(wire::Choke{});
    peer.up.silent_since.reset();
    drop_requests(peer);
}

// BEP 6: each request is answered, by data or a reject; those for allowed-fast pieces stay. Without it a
// choke means that all are dropped.
void Uploads::drop_requests(Peer& peer) {
    const RequestQueue dropped = std::exchange(peer.up.requests, {});
    if (!peer.connection.wire().fast()) return;
    for (const wire::BlockRequest& request : dropped)
        if (!is_allowed_fast(peer, request.piece) || !peer.up.requests.push(request))
            peer.connection.send(wire::Reject{request});
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
        if (++peer.up.invalid > invalid_max)
            return owner_.close_peer(peer, wire::CloseReason::invalid_requests);
        return refuse(peer, request);
    }
    // Without BEP 6 nothing but a choke says that it will not be answered.
    if (!peer.up.choked && !peer.up.interested) {
        choker_.peer_gone(peer.key);
        choke(peer);
    }
    if (!may_request(peer, request) || !peer.up.requests.push(request)) return refuse(peer, request);
    asks(peer, now);
    owner_.on_asked(peer, request.piece);
    const wire::BlockRequest data = data_of(request);
    store_.expect(data.piece, data.offset);
}

bool Uploads::may_request(Peer& peer, const wire::BlockRequest& request) {
    if (!have_.has(request.piece) || !owner_.may_know(peer, request.piece)) return false;
    if (!peer.up.choked) return true;
    if (!is_allowed_fast(peer, request.piece)) return false;
    peer.up.fast_bytes += request.length;
    return peer.up.fast_bytes <= fast_bytes_max;
}

bool Uploads::is_allowed_fast(const Peer& peer, metainfo::PieceIndex piece) {
    return std::ranges::find(peer.up.allowed_fast, piece) != peer.up.allowed_fast.end();
}

void Uploads::refuse(Peer& peer, const wire::BlockRequest& request) {
    if (++peer.up.refused > refused_max) return owner_.close_peer(peer, wire::CloseReason::too_many_requests);
    if (peer.connection.wire().fast()) peer.connection.send(wire::Reject{request});
}

void Uploads::on_cancel(Peer& peer, const wire::BlockRequest& request) {
    const bool waited = peer.up.requests.remove(request, peer.up.cancel_work) || take_back(peer, request);
    // One that found nothing crossed with the block; too many of them did not.
    if (!waited) ++peer.up.refused;
    if (peer.up.refused > refused_max || peer.up.cancel_work > cancel_work_max)
        return owner_.close_peer(peer, wire::CloseReason::too_many_requests);
    if (!waited) return;
    if (peer.connection.wire().fast()) peer.connection.send(wire::Reject{request});
}

void Uploads::pump(Peer& peer, TimePoint now) {
    while (!peer.connection.closed() && !peer.up.requests.empty() && !peer.up.loading &&
           peer.connection.output_size() < peer.up.send_ahead && peer.connection.pinned() < pinned_max) {
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
    if (!peer.connection.take_back_block(request, peer.up.cancel_work)) return false;
    peer.limit_up.give_back(request.length);
    ++peer.up.refused;
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
            if (!view && peer_now->up.requests.remove(request, peer_now->up.cancel_work))
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
        adjust_output(peer, now);
    }
    if (peer.connection.output_size() <= peer.up.send_ahead / 2) pump(peer, now);
}

void Uploads::adjust_output(Peer& peer, TimePoint now) {
    const double seconds = std::chrono::duration<double>(output_time).count();
    const auto takes = static_cast<std::size_t>(static_cast<double>(peer.up.rate.rate(now)) * seconds);
    const std::size_t most = std::clamp(takes, output_min, output_max);
    if (most < peer.up.send_ahead * 2 && most * 2 > peer.up.send_ahead) return;
    peer.up.send_ahead = most;
    peer.connection.limit_unsent(most);
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

void Uploads::on_turn_end(bool seeding, TimePoint now) {
    if (std::exchange(slot_left_, false)) fill_slots(seeding, now);
}

void Uploads::on_tick(bool seeding, TimePoint now) {
    std::size_t asking = 0;
    peers_.each([&](Peer& peer) {
        look_for_silence(peer, now);
        if (!peer.up.choked && peer.up.interested && peer.up.asked) ++asking;
    });
    choker_.on_second(asking);
    if (now < next_round_) return fill_slots(seeding, now);
    next_round_ = now + swarm::Choker::round_interval;
    choke_round(seeding, now);
}

void Uploads::choke_round(bool seeding, TimePoint now) {
    std::vector<swarm::ChokeCandidate> candidates;
    peers_.each([&](Peer& peer) {
        peer.up.refused = 0;
        peer.up.cancel_work = 0;
        candidates.push_back(candidate(peer, now));
    });
    const swarm::ChokeDecision decision = choker_.round(candidates, seeding, rate_.rate(now), now, rng_);
    carry_out(decision, now);
}

void Uploads::carry_out(const swarm::ChokeDecision& decision, TimePoint now) {
    for (const swarm::PeerKey key : decision.choke)
        if (Peer* peer = peers_.find(key)) choke(*peer);
    for (const swarm::PeerKey key : decision.unchoke)
        if (Peer* peer = peers_.find(key)) unchoke(*peer, now);
}

void Uploads::fill_slots(bool seeding, TimePoint now) {
    std::vector<swarm::ChokeCandidate> choked;
    peers_.each([&](const Peer& peer) {
        if (peer.up.choked) choked.push_back(candidate(peer, now));
    });
    if (!choked.empty()) carry_out(choker_.fill_slots(choked, seeding, rate_.rate(now), now, rng_), now);
}

}  // namespace spate::engine
