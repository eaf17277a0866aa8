#include "engine/connections.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace spate::engine {
namespace {

swarm::PeerEnd end_of(wire::CloseReason reason) {
    switch (reason) {
        case wire::CloseReason::connect_failed:
        case wire::CloseReason::handshake_timeout:
            return swarm::PeerEnd::not_reached;
        case wire::CloseReason::unknown_torrent:
        case wire::CloseReason::own_connection:
        case wire::CloseReason::not_wanted:
        case wire::CloseReason::too_many_connections:
            return swarm::PeerEnd::useless;
        case wire::CloseReason::duplicate_connection:
            return swarm::PeerEnd::duplicate;
        case wire::CloseReason::none:
        case wire::CloseReason::idle_timeout:
        case wire::CloseReason::torrent_stopped:
        case wire::CloseReason::closed_by_peer:
        case wire::CloseReason::network_error:
            return swarm::PeerEnd::lost;
        default:
            return swarm::PeerEnd::wrong;
    }
}

}  // namespace

Connections::Connections(SessionShare& share, ConnectionsOwner& owner)
    : share_(share), owner_(owner), list_(swarm::PeerListOptions{}) {}

Connections::~Connections() {
    stop();
}

void Connections::dial(std::size_t connected, bool seeding, TimePoint now) {
    while (connected + attempts_.size() < share_.options.torrent_connections_max &&
           take_places(seeding, now)) {
        const auto next = list_.next(seeding, now);
        if (!next) return give_places();
        start(*next, now);
    }
}

// Of the session: for a connection, and for one that is under way.
bool Connections::take_places(bool seeding, TimePoint now) {
    if (!share_.half_open.take()) return false;
    if (share_.places.take()) return true;
    if (!seeding && list_.next_ready(seeding) <= now) {
        owner_.make_room_to_dial();
        if (share_.places.take()) return true;
    }
    share_.half_open.give();
    return false;
}

void Connections::give_places() {
    share_.half_open.give();
    share_.places.give();
}

void Connections::start(const Endpoint& to, TimePoint now) {
    attempts_.push_back({to, now, nullptr, nullptr});
    const auto attempt = std::prev(attempts_.end());
    attempt->connecting =
        share_.world.network.connect(to, [this, attempt](Result<std::unique_ptr<io::Stream>> stream) {
            on_connected(attempt, std::move(stream));
        });
}

void Connections::on_connected(Attempts::iterator attempt, Result<std::unique_ptr<io::Stream>> stream) {
    if (!stream) return failed(attempt, swarm::PeerEnd::not_reached);
    HandshakeOwner& self = *this;
    attempt->exchange = std::make_unique<HandshakeExchange>(std::move(*stream), owner_.our_handshake(), self);
    attempt->connecting.reset();
}

Connections::Attempts::iterator Connections::find(const HandshakeExchange& exchange) {
    const auto it =
        std::ranges::find_if(attempts_, [&](const Attempt& one) { return one.exchange.get() == &exchange; });
    SPATE_ASSERT(it != attempts_.end());
    return it;
}

Connections::Attempts::iterator Connections::drop(Attempts::iterator attempt) {
    give_places();
    return attempts_.erase(attempt);
}

void Connections::failed(Attempts::iterator attempt, swarm::PeerEnd end) {
    const Endpoint to = attempt->to;
    drop(attempt);
    list_.ended(to, end, share_.now(), share_.rng);
}

std::optional<wire::Handshake> Connections::on_swarm(const HandshakeExchange&, const hash::Sha1&,
                                                     const wire::Reserved&) {
    return std::nullopt;  // asked of incoming ones only
}

void Connections::on_other_protocol(HandshakeExchange& exchange, Bytes) {
    failed(find(exchange), swarm::PeerEnd::wrong);
}

void Connections::on_failed(HandshakeExchange& exchange, wire::CloseReason) {
    failed(find(exchange), swarm::PeerEnd::not_reached);
}

void Connections::on_handshake(HandshakeExchange& exchange, const wire::Handshake& theirs) {
    const auto attempt = find(exchange);
    const Endpoint to = attempt->to;
    if (!owner_.is_our_swarm(theirs.swarm)) return failed(attempt, swarm::PeerEnd::useless);
    if (theirs.peer_id == owner_.our_handshake().peer_id) {
        failed(attempt, swarm::PeerEnd::useless);
        return list_.add_own(to);
    }
    std::unique_ptr<io::Stream> stream = attempt->exchange->take_stream();
    drop(attempt);
    list_.connected(to);
    owner_.on_dialed(std::move(stream), theirs);
}

void Connections::on_tick(TimePoint now) {
    while (!attempts_.empty() && now - attempts_.front().since >= dial_time)
        failed(attempts_.begin(), swarm::PeerEnd::not_reached);
}

void Connections::ended(const Endpoint& endpoint, wire::CloseReason reason) {
    list_.ended(endpoint, end_of(reason), share_.now(), share_.rng);
}

void Connections::stop() {
    for (auto it = attempts_.begin(); it != attempts_.end();) it = drop(it);
}

}  // namespace spate::engine
