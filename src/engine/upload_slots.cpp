#include "engine/upload_slots.h"

#include <utility>
#include <vector>

#include "swarm/address_kind.h"

namespace spate::engine {

void UploadSlots::offer(Peer& peer, TimePoint now) {
    if (choker_.fill_slot(candidate(peer, now), now)) unchoke(peer, now);
}

void UploadSlots::peer_gone(Peer& peer) {
    if (peer.up.silence.lasts()) choker_.wasted();
    slot_left_ |= !peer.up.choked;
    choker_.peer_gone(peer.key);
}

swarm::ChokeCandidate UploadSlots::candidate(const Peer& peer, TimePoint now) const {
    const Address& address = peer.connection.remote().address;
    return {.peer = peer.key,
            .address = address,
            .interested = peer.up.interested && !peer.up.stall.lasts(),
            .upload_only = peer.upload_only,
            .snubs_us = peer.down.snubbed,
            .local = swarm::is_local(address),
            .rate_from = peer.down.rate.rate(now),
            .rate_to = peer.up.rate.rate(now),
            .bytes_to = peer.up.bytes,
            .connected_at = peer.up.connected_at};
}

void UploadSlots::on_interested(Peer& peer, TimePoint now) {
    peer.up.interested = true;
    const swarm::ChokeCandidate wants = candidate(peer, now);
    if (!peer.up.choked) {
        peer.up.silence.begin(now);
        goes_on(peer, now);
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

void UploadSlots::on_not_interested(Peer& peer) {
    peer.up.interested = false;
    choker_.rests(peer.key);
    drop_requests(peer);
}

// Without BEP 6 nothing but a choke says that it will not be answered.
void UploadSlots::on_asking(Peer& peer) {
    if (peer.up.choked || peer.up.interested) return;
    choker_.peer_gone(peer.key);
    choke(peer);
}

void UploadSlots::on_request(Peer& peer, TimePoint now) {
    if (peer.up.silence.on_request()) goes_on(peer, now);
}

void UploadSlots::goes_on(const Peer& peer, TimePoint now) {
    if (peer.up.choked || !peer.up.interested) return;
    if (!peer.up.silence.let_slot_lie() && !peer.up.stall.lasts()) choker_.goes_on(peer.key, now);
}

void UploadSlots::look_for_silence(Peer& peer, TimePoint now) {
    if (!peer.up.interested || !peer.up.silence.look(now)) return;
    choker_.rests(peer.key);
    choker_.wasted();
}

void UploadSlots::look_for_stall(Peer& peer, TimePoint now) {
    const bool before = peer.up.stall.lasts();
    if (peer.connection.output_waits())
        peer.up.stall.look(peer.connection.confirmed(), now);
    else
        peer.up.stall.end(now);
    if (peer.up.stall.lasts() == before) return;
    if (before) return goes_on(peer, now);
    if (peer.up.choked || !peer.up.interested) return;
    choker_.rests(peer.key);
    choker_.wasted();
}

void UploadSlots::unchoke(Peer& peer, TimePoint now) {
    if (!std::exchange(peer.up.choked, false)) return;
    peer.connection.send(wire::Unchoke{});
    if (peer.up.interested) peer.up.silence.begin(now);
}

void UploadSlots::choke(Peer& peer) {
    if (std::exchange(peer.up.choked, true)) return;
    peer.connection.send(wire::Choke{});
    peer.up.silence.end();
    drop_requests(peer);
}

// BEP 6: each request is answered, by data or a reject; those for allowed-fast pieces stay. Without it a
// choke means that all are dropped.
void UploadSlots::drop_requests(Peer& peer) {
    const RequestQueue dropped = std::exchange(peer.up.requests, {});
    if (!peer.connection.wire().fast()) return;
    for (const wire::BlockRequest& request : dropped)
        if (!peer.up.fast.has(request.piece) || !peer.up.requests.push(request))
            peer.connection.send(wire::Reject{request});
}

void UploadSlots::on_turn_end(bool seeding, TimePoint now) {
    if (std::exchange(slot_left_, false)) fill_slots(seeding, now);
}

void UploadSlots::on_tick(bool seeding, TimePoint now) {
    std::size_t asking = 0;
    peers_.each([&](Peer& peer) {
        look_for_silence(peer, now);
        look_for_stall(peer, now);
        const bool asks = peer.up.silence.asked() && !peer.up.stall.lasts();
        if (!peer.up.choked && peer.up.interested && asks) ++asking;
    });
    choker_.on_second(asking);
    if (now < next_round_) return fill_slots(seeding, now);
    next_round_ = now + swarm::Choker::round_interval;
    choke_round(seeding, now);
}

void UploadSlots::choke_round(bool seeding, TimePoint now) {
    std::vector<swarm::ChokeCandidate> candidates;
    peers_.each([&](Peer& peer) {
        peer.up.faults.begin_round();
        candidates.push_back(candidate(peer, now));
    });
    const swarm::ChokeDecision decision = choker_.round(candidates, seeding, our_rate_.rate(now), now, rng_);
    carry_out(decision, now);
}

void UploadSlots::carry_out(const swarm::ChokeDecision& decision, TimePoint now) {
    for (const swarm::PeerKey key : decision.choke)
        if (Peer* peer = peers_.find(key)) choke(*peer);
    for (const swarm::PeerKey key : decision.unchoke)
        if (Peer* peer = peers_.find(key)) unchoke(*peer, now);
}

void UploadSlots::fill_slots(bool seeding, TimePoint now) {
    std::vector<swarm::ChokeCandidate> choked;
    peers_.each([&](const Peer& peer) {
        if (peer.up.choked) choked.push_back(candidate(peer, now));
    });
    if (!choked.empty()) carry_out(choker_.fill_slots(choked, seeding, our_rate_.rate(now), now, rng_), now);
}

}  // namespace spate::engine
