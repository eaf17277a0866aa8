// PeerExchange: tells each peer whom else we are connected to (BEP 11), once a minute (wire/pex.h). Only
// contacts that can be reached: those we dialed, or that told their port. Never in a private torrent. Owner:
// ConnectedPeers. Thread: the reactor's.
#pragma once

#include <chrono>

#include "engine/torrent_parts.h"

namespace spate::engine {

class PeerExchange {
  public:
    static constexpr Duration interval = std::chrono::seconds(5);  // of looking whether a minute is over

    explicit PeerExchange(TorrentParts& parts) : parts_(parts) {}
    void on_tick(TimePoint now);

  private:
    TorrentParts& parts_;
    TimePoint next_{};
};

}  // namespace spate::engine
