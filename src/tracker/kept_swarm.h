// KeptSwarm: a swarm as it was when it was saved, or a part of one: its peers with their ages then. Plain
// data.
#pragma once

#include <cstdint>
#include <vector>

#include "base/endpoint.h"
#include "hash/digest.h"
#include "tracker/peer_record.h"

namespace spate::tracker {

struct KeptPeer {
    Endpoint endpoint;
    PeerKind kind = PeerKind::leecher;
    bool second = false;       // PeerRecord::second
    std::uint16_t age = 0;     // since it was heard of, in steps of Tick
    std::uint32_t client = 0;  // digest of peer_id and key
    bool operator==(const KeptPeer&) const = default;
};

struct KeptSwarm {
    hash::Sha1 hash{};
    std::uint32_t downloaded = 0;
    std::vector<KeptPeer> peers;
    bool operator==(const KeptSwarm&) const = default;
};

}  // namespace spate::tracker
