// DownloadLink: one peer as somebody we fetch from. Owner: Peer.
#pragma once

#include <cstdint>
#include <optional>

#include "swarm/block_blame.h"
#include "swarm/rate_meter.h"
#include "swarm/request_window.h"

namespace spate::engine {

struct DownloadLink {
    explicit DownloadLink(TimePoint now) : window(now) {}

    swarm::RequestWindow window;
    swarm::RateMeter rate;
    std::optional<swarm::Sender> sender;  // for blame; from its first block on
    std::uint64_t bytes = 0;              // payload
    std::uint32_t unasked = 0;            // blocks nobody asked for
    bool choked = true;                   // by the peer
    bool interested = false;              // we are, and it knows
    bool taking = false;                  // the store takes the block that is coming
    bool snubbed = false;
};

}  // namespace spate::engine
