// DownloadLink: one peer as somebody we fetch from. Limit: wire::allowed_fast_taken_max pieces. Owner: Peer.
#pragma once

#include <cstdint>
#include <vector>

#include "swarm/rate_meter.h"
#include "swarm/request_window.h"
#include "wire/message.h"

namespace spate::engine {

struct DownloadLink {
    explicit DownloadLink(TimePoint now) : window(now) {}

    swarm::RequestWindow window;
    swarm::RateMeter rate;
    std::uint64_t bytes = 0;                     // payload
    std::vector<wire::PieceIndex> allowed_fast;  // it gives them while it chokes us (BEP 6)
    std::uint32_t unasked = 0;                   // blocks nobody asked for
    std::uint32_t false_rejects = 0;             // of what it was not asked for
    std::uint32_t hashes_awaited = 0;            // hash requests it has not answered
    bool choked = true;                          // by the peer
    bool interested = false;                     // we are, and it knows
    bool taking = false;                         // the store takes the block that is coming
    bool snubbed = false;
};

}  // namespace spate::engine
