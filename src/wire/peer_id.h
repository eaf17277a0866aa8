// The 20 octets a peer calls itself by (BEP 20). Ours is "-SP0100-" and twelve random ones, new for each
// session and torrent.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/rng.h"

namespace spate::wire {

using PeerId = std::array<std::uint8_t, 20>;

PeerId make_peer_id(Rng& rng);

// "Transmission 3.00", "libtorrent 2.0.8": what the id says of its client, safe to show; empty when it says
// nothing we know how to read.
std::string client_name(const PeerId& id);

}  // namespace spate::wire
