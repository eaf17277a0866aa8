// UploadLink: one peer as somebody we serve. Owner: Peer.
#pragma once

#include <cstdint>

#include "engine/ask_silence.h"
#include "engine/fast_pieces.h"
#include "engine/request_faults.h"
#include "engine/request_queue.h"
#include "engine/send_ahead.h"
#include "engine/send_stall.h"
#include "swarm/rate_meter.h"

namespace spate::engine {

struct UploadLink {
    RequestQueue requests;
    FastPieces fast;
    RequestFaults faults;
    AskSilence silence;
    SendStall stall;
    SendAhead ahead;
    swarm::RateMeter rate;
    std::uint64_t bytes = 0;  // payload sent
    TimePoint connected_at{};
    bool choked = true;       // by us
    bool interested = false;  // the peer is
    bool loading = false;     // its next block is being read from disk
    bool waits_for_rate = false;
};

}  // namespace spate::engine
