// TorrentParts: the pieces a torrent is composed of, as its message routing and its life cycle see them.
// metadata is there while a magnet's metainfo is not, content soon after. Owner: Torrent. Thread: the
// reactor's.
#pragma once

#include <memory>

#include "engine/connections.h"
#include "engine/content.h"
#include "engine/metadata_fetch.h"
#include "engine/peer_table.h"
#include "engine/session_share.h"
#include "swarm/own_address.h"

namespace spate::engine {

struct TorrentParts {
    TorrentParts(SessionShare& its_share, ConnectionsOwner& owner, const RateLimits& limits)
        : share(its_share),
          down(limits.down, &its_share.down),
          up(limits.up, &its_share.up),
          connections(its_share, owner) {}

    SessionShare& share;
    swarm::RateLimiter down;
    swarm::RateLimiter up;
    PeerTable peers;
    Connections connections;
    std::unique_ptr<MetadataFetch> metadata;
    std::shared_ptr<const metainfo::Metainfo> metainfo;  // once it is known
    std::unique_ptr<Content> content;
    swarm::OwnAddress own_address;
    RateLimits each_peer;          // of this torrent
    bool private_torrent = false;  // BEP 27: peers come from its trackers only

    void on_told_own_address(const Address& voter, const Address& own) {
        if (own_address.on_peer_says(voter, own) && share.port != 0)
            connections.list().add_own({own.unmapped(), share.port});
    }
    bool seeding() const { return content && content->seeding(); }
};

}  // namespace spate::engine
