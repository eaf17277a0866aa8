// ConnectedPeers: places for connections, and who leaves when they are all taken.
#include "engine/connected_peers.h"
#include "engine/occupants.h"

namespace spate::engine {
namespace {
constexpr Duration reading_time = std::chrono::seconds(20);  // who reads nothing for longer asks in vain
constexpr std::size_t places_kept = 4;                       // for those that come
constexpr std::size_t surplus_a_tick = 8;
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

// Slowly, but it brings what it was asked for.
bool ConnectedPeers::owes_and_answers(const Peer& peer) const {
    return peer.down.window.rate() > 0 && !peer.down.snubbed &&
           parts_.content->downloads().picker().outstanding(peer.key) > 0;
}

// It said that it has what we want, lets us ask, and brings nothing.
bool ConnectedPeers::owes_and_is_mute(const Peer& peer, TimePoint now) const {
    return !peer.down.choked && peer.down.window.mute(now) &&
           parts_.content->downloads().picker().outstanding(peer.key) > 0;
}

swarm::PeerUse ConnectedPeers::use_of(const Peer& peer, TimePoint now) const {
    if (!peer.spoke) return swarm::PeerUse::silent;
    if (!parts_.content) return swarm::PeerUse::waiting;  // nobody knows yet who has what
    if (owes_and_is_mute(peer, now)) return swarm::PeerUse::silent;
    const bool reads = peer.connection.output_size() == 0 || now - peer.connection.last_sent() < reading_time;
    const bool let_slot_lie = peer.up.silence.let_slot_lie() || peer.up.stall.lasts();
    const bool for_slot = peer.up.interested && peer.up.choked && !let_slot_lie;
    const bool for_block = !peer.up.requests.empty() && reads;
    const bool we_wait = peer.down.interested && (peer.down.choked || owes_and_answers(peer));
    return for_slot || for_block || we_wait ? swarm::PeerUse::waiting : swarm::PeerUse::idle;
}

void ConnectedPeers::add_occupants(Occupants& occupants) const {
    const TimePoint now = parts_.share.now();
    parts_.peers.each([&](Peer& peer) { occupants.add(peer, use_of(peer, now), now); });
}

// Who leaves for that one, so that this torrent is not full for it any more; null: nobody. The session's
// places may be taken by peers of another torrent.
Peer* ConnectedPeers::gives_way_to(const Address& newcomer, Direction direction) const {
    const bool of_those_that_came = direction == Direction::incoming && has_all_that_come();
    if (!of_those_that_came && !has_all_its_peers()) return parts_.share.gives_way_to(newcomer);
    const TimePoint now = parts_.share.now();
    Occupants occupants;
    parts_.peers.each([&](Peer& peer) {
        if (!of_those_that_came || peer.direction == Direction::incoming)
            occupants.add(peer, use_of(peer, now), now);
    });
    return occupants.gives_way(newcomer, now);
}

// Of whichever torrent: those that came are a crowd when they have the places kept for the dialed ones too.
void ConnectedPeers::make_room_to_dial() {
    const std::size_t most = parts_.share.places.used();
    Occupants occupants;
    parts_.share.add_occupants(occupants);
    Peer* other = occupants.gives_way_to_dialed(most - most / dialed_share);
    if (other != nullptr) other->owner.close_peer(*other, wire::CloseReason::not_wanted);
}

// Others are known that we have not tried.
void ConnectedPeers::drop_surplus(TimePoint now) {
    if (parts_.connections.list().next_ready(parts_.seeding()) > now) return;
    const std::size_t most = parts_.share.options.torrent_connections_max;
    for (std::size_t i = 0; i < surplus_a_tick && parts_.peers.size() + places_kept > most; ++i) {
        Occupants occupants;
        add_occupants(occupants);
        Peer* surplus = occupants.surplus(now);
        if (surplus == nullptr) return;
        close_peer(*surplus, wire::CloseReason::not_wanted);
    }
}

}  // namespace spate::engine
