// Occupants: the connected peers of a torrent, or of all torrents of a session, of whom one must leave so
// that somebody else has a place; who that is says swarm/eviction.h. Filled, asked and dropped within a call.
// Owner: the asker. Thread: the reactor's.
#pragma once

#include <vector>

#include "engine/peer.h"
#include "swarm/address_kind.h"
#include "swarm/eviction.h"

namespace spate::engine {

class Occupants {
  public:
    void add(Peer& peer, swarm::PeerUse use, TimePoint now) {
        candidates_.push_back({.range = swarm::range_of(peer.connection.remote().address),
                               .use = use,
                               .rate = peer.down.rate.rate(now) + peer.up.rate.rate(now),
                               .dialed = peer.direction == Direction::outgoing,
                               .since = peer.up.connected_at});
        peers_.push_back(&peer);
    }
    // Null: all of them stay.
    Peer* surplus(TimePoint now) const { return at(swarm::surplus(candidates_, now)); }
    Peer* gives_way(const Address& newcomer, TimePoint now) const {
        return at(swarm::gives_way(candidates_, newcomer, now));
    }

    Peer* gives_way_to_dialed(std::size_t stay) const {
        return at(swarm::gives_way_to_dialed(candidates_, stay));
    }

  private:
    Peer* at(std::optional<std::size_t> index) const { return index ? peers_[*index] : nullptr; }

    std::vector<swarm::EvictionCandidate> candidates_;
    std::vector<Peer*> peers_;  // of the candidates
};

}  // namespace spate::engine
