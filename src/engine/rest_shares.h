// RestShares: how many blocks to have waiting at a peer. Near the end no more than its share of what is
// missing, but for what its distance takes, so that all are done at the same time. Owner: Downloads.
#pragma once

#include <cstdint>

#include "engine/peer_table.h"
#include "metainfo/file_layout.h"
#include "swarm/piece_picker.h"
#include "swarm/rate_meter.h"

namespace spate::engine {

class RestShares {
  public:
    // our_rate: of all that was asked for.
    RestShares(const metainfo::FileLayout& layout, const PeerTable& peers, const swarm::PiecePicker& picker,
               const swarm::RateMeter& our_rate)
        : layout_(layout), peers_(peers), picker_(picker), our_rate_(our_rate) {}

    std::uint32_t window_of(const Peer& peer, TimePoint now);

  private:
    void look(TimePoint now);

    const metainfo::FileLayout& layout_;
    const PeerTable& peers_;
    const swarm::PiecePicker& picker_;
    const swarm::RateMeter& our_rate_;
    // What is missing, and who brings it (bytes a second). Looked at once a turn.
    struct Rest {
        TimePoint at = never;
        bool near = false;
        std::uint64_t blocks = 0;
        std::uint64_t rate = 0;  // of those that owe us something
    };
    Rest rest_;
};

}  // namespace spate::engine
