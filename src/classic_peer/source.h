// Source: a peer that a tracker file names, as one download sees it. Ids are indices into that download's
// table, given in the order the peers were first seen and never reused. A peer is known by what the tracker
// file says (host and port).
#pragma once

#include <cstdint>

#include "base/endpoint.h"
#include "base/range_set.h"
#include "base/time.h"
#include "classic/chunk_request.h"

namespace spate::classic_peer {

using SourceId = std::uint16_t;
inline constexpr SourceId unknown_source = UINT16_MAX;

using classic::chunk_bytes_max;

// What the tracker file claims of one peer.
struct SourceClaim {
    HostPort peer;
    RangeSet surely;
    RangeSet perhaps;  // if its program means inclusive ends: asked for when nobody has it surely
    WallTime updated;
};

}  // namespace spate::classic_peer
