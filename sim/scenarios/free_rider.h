// FreeRider: asks for a few blocks at a time of what there is, for as long as it is served, and gives
// nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/rng.h"
#include "piece_store/test_torrent.h"
#include "sim/scenarios/raw_frames.h"
#include "sim/scenarios/swarm_conversation.h"

namespace spate::sim {

class FreeRider {
  public:
    // on_taken: how many bytes of a block came.
    explicit FreeRider(std::function<void(std::size_t)> on_taken) : on_taken_(std::move(on_taken)) {}

    void feed(const FrameCutter::Frame& got, const piece_store::TestTorrent& torrent, Rng& rng,
              RawFrames& out);

  private:
    std::function<void(std::size_t)> on_taken_;
    std::vector<std::uint32_t> there_;
    int under_way_ = 0;  // requests
    bool served_ = false;
};

}  // namespace spate::sim
