// TorrentParts: the pieces a torrent is composed of, as its message routing and its life cycle see them.
// metadata is there while a magnet's metainfo is not, content from then on. Owner: Torrent. Thread: the
// reactor's.
#pragma once

#include <memory>

#include "engine/connections.h"
#include "engine/content.h"
#include "engine/metadata_fetch.h"
#include "engine/peer_table.h"
#include "engine/session_share.h"

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
    std::unique_ptr<Content> content;
    bool private_torrent = false;  // BEP 27: peers come from its trackers only

    bool seeding() const { return content && content->seeding(); }
};

}  // namespace spate::engine
