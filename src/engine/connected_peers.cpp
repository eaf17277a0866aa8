#include "engine/connected_peers.h"

#include <algorithm>
#include <utility>

namespace spate::engine {
namespace {
constexpr std::size_t least_read = 1024;  // fewer tokens than that are waited for
// Octets that wait to be sent to a peer, blocks left out: beside what tells of all pieces, which two peers
// may owe each other.
constexpr std::size_t messages_max = 256 << 10;
constexpr std::size_t have_octets = 10;
constexpr std::size_t read_of_askers = 64 << 10;  // of a peer that brings no blocks; each may need an answer
// Of two connections to one peer that were made at once, both ends must leave the same.
constexpr Duration crossing_time = std::chrono::seconds(3);
}  // namespace

ConnectedPeers::~ConnectedPeers() {
    parts_.share.places.give(static_cast<std::uint32_t>(parts_.peers.size()));
}

std::optional<wire::Handshake> ConnectedPeers::answer(const Endpoint& from, const hash::Sha1& swarm,
                                                      const wire::Reserved& reserved) const {
    if (!owner_.takes_peers() || !identity_.hash.matches(swarm)) return std::nullopt;
    if ((is_full(Direction::incoming) && gives_way_to(from.address, Direction::incoming) == nullptr) ||
        !parts_.connections.list().may_accept(from.address))
        return std::nullopt;
    return identity_.answer(swarm, reserved);
}

// Of two connections to one peer one stays, on both sides the same (reliability.md row 39). Peer ids are no
// secret: one from another address is somebody else, and a connection that works is not left for one that
// says it is the same.
bool ConnectedPeers::make_way(const Endpoint& remote, const wire::Handshake& theirs, Direction direction) {
    if (theirs.peer_id == identity_.peer_id) return false;
    Peer* same = nullptr;
    parts_.peers.each([&](Peer& peer) {
        if (peer.id == theirs.peer_id && peer.connection.remote().address == remote.address) same = &peer;
    });
    if (same == nullptr) return true;
    bool new_stays = !same->moves_payload(parts_.share.now());
    if (parts_.share.now() - same->up.connected_at < crossing_time) {
        const bool ours_stays = swarm::keep_ours(identity_.peer_id, theirs.peer_id);
        new_stays = same->direction != direction && (direction == Direction::outgoing) == ours_stays;
    }
    if (new_stays) close_peer(*same, wire::CloseReason::duplicate_connection);
    return new_stays;
}

// A connection that came from there and was lost without our hearing of it.
void ConnectedPeers::drop_dead_end(const Endpoint& remote) {
    parts_.peers.each([&](Peer& peer) {
        if (peer.direction == Direction::incoming && peer.connection.remote() == remote)
            close_peer(peer, wire::CloseReason::network_error);
    });
}

void ConnectedPeers::adopt(std::unique_ptr<io::Stream> stream, const wire::Handshake& theirs,
                           Direction direction) {
    const Endpoint remote = stream->remote();
    swarm::PeerList& list = parts_.connections.list();
    if (direction == Direction::incoming) {
        drop_dead_end(remote);
        if (!list.may_accept(remote.address)) return;
        list.accepted(remote);
    }
    if (list.banned(remote)) return parts_.connections.ended(remote, wire::CloseReason::wrong_data);
    if (!owner_.takes_peers() || !make_way(remote, theirs, direction))
        return parts_.connections.ended(remote, wire::CloseReason::duplicate_connection);
    // Others came while this one greeted.
    if (is_full(direction))
        if (Peer* other = gives_way_to(remote.address, direction))
            other->owner.close_peer(*other, wire::CloseReason::not_wanted);
    if (is_full(direction) || !parts_.share.places.take())
        return parts_.connections.ended(remote, wire::CloseReason::too_many_connections);
    Peer& peer = add(std::move(stream), theirs, direction);
    if (parts_.content) parts_.content->peer_joined(peer);
    if (!parts_.content || parts_.content->greets()) greet(peer);
}

Peer& ConnectedPeers::add(std::unique_ptr<io::Stream> stream, const wire::Handshake& theirs,
                          Direction direction) {
    wire::WireOptions options;
    options.fast = theirs.reserved.fast() && identity_.reserved().fast();
    options.extended = theirs.reserved.extended();
    options.piece_count = parts_.content ? parts_.metainfo->info.layout.piece_count() : 0;
    if (parts_.private_torrent) options.offered = options.offered.without(wire::Extension::pex);
    PeerIdentity identity{parts_.peers.free_key(), next_number_++, direction, theirs.peer_id, false};
    const auto& v2 = identity_.hash.v2;
    identity.speaks_v2 = v2 && (theirs.swarm == metainfo::truncated(*v2) ||
                                (direction == Direction::incoming && theirs.reserved.v2_upgrade()));
    Peer& peer = parts_.peers.add(
        std::make_unique<Peer>(identity, parts_.share.connections, std::move(stream), options,
                               static_cast<PeerOwner&>(*this), parts_.down, parts_.up));
    peer.up.connected_at = parts_.share.now();
    limit(peer);
    return peer;
}

void ConnectedPeers::set_limits(const RateLimits& limits) {
    parts_.each_peer = limits;
    parts_.peers.each([&](Peer& peer) { limit(peer); });
    on_rate(parts_.share.now());
}

void ConnectedPeers::limit(Peer& peer) {
    peer.limit_down.set_rate(parts_.each_peer.down, parts_.share.now());
    peer.limit_up.set_rate(parts_.each_peer.up, parts_.share.now());
}

void ConnectedPeers::greet_all() {
    parts_.peers.each([&](Peer& peer) {
        if (!peer.greeted) greet(peer);
    });
}

void ConnectedPeers::greet(Peer& peer) {
    peer.greeted = true;
    if (parts_.content) {
        parts_.content->greet(peer, identity_.swarm());
    } else {
        peer.told_have = true;  // by silence, without BEP 6
        if (peer.connection.wire().fast()) peer.connection.send(wire::HaveNone{});
    }
    if (peer.connection.wire().extended()) send_extension_handshake(peer);
}

void ConnectedPeers::send_extension_handshake(Peer& peer) {
    wire::ExtensionHandshake hello;
    hello.client = "Spate 0.1";
    if (parts_.share.port != 0) hello.listen_port = parts_.share.port;
    hello.request_queue = wire::our_request_queue;
    if (parts_.metainfo) hello.metadata_size = static_cast<std::uint32_t>(parts_.metainfo->info.raw.size());
    hello.your_address = peer.connection.remote().address;
    if (peer.connection.remote().address.is_v4())
        hello.ipv6 = parts_.own_address.v6();
    else
        hello.ipv4 = parts_.own_address.v4();
    if (parts_.seeding() && !parts_.content->first_copies().hides_from(peer)) hello.upload_only = true;
    const wire::ExtensionSet all{};
    wire::append(peer.connection.messages(), hello,
                 parts_.private_torrent ? all.without(wire::Extension::pex) : all);
}

std::size_t ConnectedPeers::messages_allowed() const {
    return messages_max + (parts_.content ? have_octets * parts_.metainfo->info.layout.piece_count() : 0);
}

std::size_t ConnectedPeers::read_allowance(Peer& peer) {
    std::size_t allowed = ConnectionShare::read_buffer_size;
    if (peer.limit_down.limits()) {
        allowed = peer.limit_down.available(allowed, parts_.share.now());
        if (allowed < least_read) {
            allowed = 0;
            parts_.share.want_rate();
        }
    }
    const bool brings_blocks =
        parts_.content && parts_.content->downloads().picker().outstanding(peer.key) > 0;
    if (brings_blocks && !parts_.share.store_resources.accepting()) allowed = 0;
    // Who does not read what it asked for may not ask for more.
    if (!brings_blocks) allowed = std::min(allowed, read_of_askers);
    if (peer.connection.messages_waiting() >= messages_allowed()) allowed = 0;
    peer.reads_rest = allowed == 0;
    return allowed;
}

void ConnectedPeers::on_events(Peer& peer, std::size_t bytes, std::span<const wire::Event> events) {
    if (peer.limit_down.limits()) peer.limit_down.take(bytes, parts_.share.now());
    if (!events.empty()) peer.spoke = true;
    router_.take(peer, events);
}

void ConnectedPeers::on_sent(Peer& peer, std::size_t, std::size_t block_bytes) {
    if (parts_.content) parts_.content->on_sent(peer, block_bytes);
    if (!peer.metadata_queue.empty()) router_.answer_metadata(peer);
    if (peer.reads_rest && peer.connection.messages_waiting() < messages_allowed())
        peer.connection.resume_reading();
}

void ConnectedPeers::on_rate(TimePoint now) {
    parts_.peers.each([](Peer& peer) {
        if (std::exchange(peer.reads_rest, false)) peer.connection.resume_reading();
    });
    if (parts_.content) parts_.content->uploads().on_rate(now);
}

void ConnectedPeers::close_peer(Peer& peer, wire::CloseReason reason) {
    if (peer.connection.closed()) return;
    peer.connection.close();
    on_closed(peer, reason);
}

void ConnectedPeers::on_closed(Peer& peer, wire::CloseReason reason) {
    parts_.share.places.give();
    std::unique_ptr<Peer> gone = parts_.peers.take(peer);
    parts_.connections.ended(peer.connection.remote(), reason);
    remember_other_way(peer, reason);
    if (parts_.metadata) parts_.metadata->peer_gone(peer);
    if (parts_.content) parts_.content->peer_gone(peer);
    parts_.share.turn.bury(std::move(gone));
    owner_.on_peer_gone();
}

// A peer that we lost may be reached by its address of the other family.
void ConnectedPeers::remember_other_way(const Peer& peer, wire::CloseReason reason) {
    const bool lost =
        reason == wire::CloseReason::closed_by_peer || reason == wire::CloseReason::network_error;
    if (lost && peer.other_address && peer.contact_known && !parts_.private_torrent)
        parts_.connections.list().add({*peer.other_address, peer.contact.port}, swarm::PeerSource::pex,
                                      peer.connection.remote().address);
}

void ConnectedPeers::leave_seeds() {
    const swarm::PiecePicker& picker = parts_.content->downloads().picker();
    parts_.peers.each([&](Peer& peer) {
        if (picker.count_of(peer.key) == parts_.metainfo->info.layout.piece_count())
            close_peer(peer, wire::CloseReason::not_wanted);
        else if (!parts_.content->first_copies().hides_from(peer))
            peer.connection.send_extended(wire::UploadOnly{true});
    });
}

void ConnectedPeers::leave_banned() {
    parts_.peers.each([&](Peer& peer) {
        if (parts_.connections.list().banned(peer.connection.remote()))
            close_peer(peer, wire::CloseReason::wrong_data);
    });
}

void ConnectedPeers::leave_all() {
    parts_.peers.each([&](Peer& peer) { close_peer(peer, wire::CloseReason::torrent_stopped); });
}

std::size_t ConnectedPeers::largest_output() const {
    std::size_t largest = 0;
    parts_.peers.each([&](const Peer& peer) { largest = std::max(largest, peer.connection.output_size()); });
    return largest;
}

void ConnectedPeers::drop_idle(TimePoint now) {
    drop_surplus(now);
    parts_.peers.each([&](Peer& peer) {
        if (now - peer.connection.last_received() >= idle_max)
            close_peer(peer, wire::CloseReason::idle_timeout);
        else if (now - peer.connection.last_sent() >= keep_alive)
            wire::append_keep_alive(peer.connection.messages());
    });
}

}  // namespace spate::engine
