// The 68 octets each side of a peer connection begins with (BEP 3): protocol name, reserved bits, the swarm,
// the peer's id. Sans-I/O: any split of the bytes reads the same, and the first wrong byte of the name
// refuses at once. The deadline is the owner's. One owner, one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "hash/digest.h"
#include "wire/peer_id.h"

namespace spate::wire {

// The eight octets of extension bits.
struct Reserved {
    std::array<std::uint8_t, 8> octets{};

    bool extended() const { return (octets[5] & 0x10) != 0; }    // BEP 10
    bool fast() const { return (octets[7] & 0x04) != 0; }        // BEP 6
    bool dht() const { return (octets[7] & 0x01) != 0; }         // BEP 5
    bool v2_upgrade() const { return (octets[7] & 0x10) != 0; }  // BEP 52: also in the v2 swarm
    bool operator==(const Reserved&) const = default;
};
// What we offer: extended, fast; v2_upgrade for a hybrid torrent.
Reserved our_reserved(bool v2_upgrade);

struct Handshake {
    Reserved reserved;
    hash::Sha1 swarm{};  // info-hash v1, or v2 cut to 20 octets
    PeerId peer_id{};
    bool operator==(const Handshake&) const = default;
};

inline constexpr std::size_t handshake_size = 68;
std::array<std::uint8_t, handshake_size> to_bytes(const Handshake& handshake);

// Whether a connection that begins with this byte may be BitTorrent (the classic protocol has none such).
inline constexpr std::uint8_t handshake_first_byte = 19;

class HandshakeReader {
  public:
    enum class State : std::uint8_t { reading, complete, refused };

    // Returns how many bytes belong to the handshake; the rest is PeerWire's. Takes none once it is decided.
    std::size_t feed(Bytes bytes);
    State state() const { return state_; }
    // Known before the whole is there: an acceptor answers after these 48 octets.
    std::optional<hash::Sha1> swarm() const;
    std::optional<Reserved> reserved() const;
    // Valid when complete.
    Handshake handshake() const;

  private:
    std::array<std::uint8_t, handshake_size> octets_{};
    std::uint8_t size_ = 0;
    State state_ = State::reading;
};

}  // namespace spate::wire
