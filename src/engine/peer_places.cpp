// ConnectedPeers: places for connections, and who leaves when they are all taken.
#include "engine/connected_peers.h"
#include "engine/occupants.h"

namespace spate::engine {
namespace {
constexpr Duration reading_time = std::chrono::seconds(20);  // who reads nothing for longer asks in vain
constexpr std::size_t places_kept = 4;                       // for those that come
constexpr std::size_t dialed_share = 4;  // one place in so many is for those we dial, while we download
}  // namespace

bool ConnectedPeers::has_all_its_peers() const {
    return parts_.peers.size() >= parts_.share.options.torrent_connections_max;
}

// Else who comes in crowds, interested and silent, keeps us from those that have what we want.
bool ConnectedPeers::has_all_that_come() const {
    if (parts_.seeding()) return false;
    std::size_t came = 0;
    parts_.peers.each([&](const Peer& peer) { came += peer.direction == Direction::incoming ? 1 : 0; });
    const std::size_t most = parts_.share.options.torrent_connections_max;
    return came >= most - most / dialed_share;
}

bool ConnectedPeers::is_full(Direction direction) const {
    return parts_.share.places.full() || has_all_its_peers() ||
           (direction == Direction::incoming && has_all_that_come());
}

swarm::PeerUse ConnectedPeers::use_of(const Peer& peer, TimePoint now) const {
    if (peer.moves_payload(now)) return swarm::PeerUse::busy;
    if (!peer.spoke) return swarm::PeerUse::silent;
    if (!parts_.content) return swarm::PeerUse::waiting;  // nobody knows yet who has what
    const bool reads = peer.connection.output_size() == 0 || now - peer.connection.last_sent() < reading_time;
    const bool waits = (peer.up.interested && peer.up.choked) || (peer.down.interested && peer.down.choked) ||
                       (!peer.up.requests.empty() && reads);
    return waits ? swarm::PeerUse::waiting : swarm::PeerUse::idle;
}

void ConnectedPeers::add_occupants(Occupants& occupants) const {
    parts_.peers.each([&](Peer& peer) { occupants.add(peer, use_of(peer, parts_.share.now())); });
}

// Who leaves for that one, so that this torrent is not full for it any more; null: nobody. The session's
// places may be taken by peers of another torrent.
Peer* ConnectedPeers::gives_way_to(const Address& newcomer, Direction direction) const {
    const bool of_those_that_came = direction == Direction::incoming && has_all_that_come();
    if (!of_those_that_came && !has_all_its_peers()) return parts_.share.gives_way_to(newcomer);
    Occupants occupants;
    parts_.peers.each([&](Peer& peer) {
        if (!of_those_that_came || peer.direction == Direction::incoming)
            occupants.add(peer, use_of(peer, parts_.share.now()));
    });
    return occupants.gives_way(newcomer, parts_.share.now());
}

// Others are known that we have not tried.
void ConnectedPeers::drop_surplus(TimePoint now) {
    const bool others_wait = parts_.connections.list().next_ready(parts_.seeding()) <= now;
    if (!others_wait || parts_.peers.size() + places_kept <= parts_.share.options.torrent_connections_max)
        return;
    Occupants occupants;
    add_occupants(occupants);
    if (Peer* surplus = occupants.surplus(now)) close_peer(*surplus, wire::CloseReason::not_wanted);
}

}  // namespace spate::engine
