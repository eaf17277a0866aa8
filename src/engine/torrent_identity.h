// TorrentIdentity: by what a torrent of ours is known to peers, and the handshakes that say so. A value; any
// thread.
#pragma once

#include "metainfo/info_hash.h"
#include "wire/handshake.h"

namespace spate::engine {

struct TorrentIdentity {
    metainfo::InfoHash hash;
    wire::PeerId peer_id{};

    hash::Sha1 swarm() const { return hash.v1 ? *hash.v1 : metainfo::truncated(*hash.v2); }
    wire::Reserved reserved() const { return wire::our_reserved(hash.is_hybrid()); }
    // What we begin with.
    wire::Handshake hello() const { return {reserved(), swarm(), peer_id}; }
    // What we answer to who asks for `swarm`. BEP 52: who comes by the v1 name of a hybrid and knows v2 is
    // taken along.
    wire::Handshake answer(const hash::Sha1& swarm, const wire::Reserved& theirs) const {
        const bool upgrade = hash.is_hybrid() && theirs.v2_upgrade();
        return {reserved(), upgrade ? metainfo::truncated(*hash.v2) : swarm, peer_id};
    }
};

}  // namespace spate::engine
