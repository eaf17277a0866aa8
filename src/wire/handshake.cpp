#include "wire/handshake.h"

#include <algorithm>
#include <string_view>

#include "base/assert.h"

namespace spate::wire {
namespace {

constexpr std::string_view protocol =
    "\x13"
    "BitTorrent protocol";
constexpr std::size_t reserved_at = protocol.size();
constexpr std::size_t swarm_at = reserved_at + 8;
constexpr std::size_t peer_id_at = swarm_at + 20;
static_assert(peer_id_at + 20 == handshake_size && protocol[0] == handshake_first_byte);

}  // namespace

Reserved our_reserved(bool v2_upgrade) {
    Reserved reserved;
    reserved.octets[5] = 0x10;
    reserved.octets[7] = static_cast<std::uint8_t>(0x04 | (v2_upgrade ? 0x10 : 0));
    return reserved;
}

std::array<std::uint8_t, handshake_size> to_bytes(const Handshake& handshake) {
    std::array<std::uint8_t, handshake_size> octets{};
    std::ranges::copy(as_bytes(protocol), octets.begin());
    std::ranges::copy(handshake.reserved.octets, octets.begin() + reserved_at);
    std::ranges::copy(handshake.swarm, octets.begin() + swarm_at);
    std::ranges::copy(handshake.peer_id, octets.begin() + peer_id_at);
    return octets;
}

std::size_t HandshakeReader::feed(Bytes bytes) {
    std::size_t taken = 0;
    while (taken < bytes.size() && state_ == State::reading) {
        const std::uint8_t octet = bytes[taken++];
        const bool wrong = size_ < protocol.size() && octet != static_cast<std::uint8_t>(protocol[size_]);
        octets_[size_++] = octet;
        if (wrong) state_ = State::refused;
        if (size_ == handshake_size) state_ = State::complete;
    }
    return taken;
}

std::optional<Reserved> HandshakeReader::reserved() const {
    if (state_ == State::refused || size_ < swarm_at) return std::nullopt;
    Reserved reserved;
    std::copy_n(octets_.begin() + reserved_at, reserved.octets.size(), reserved.octets.begin());
    return reserved;
}

std::optional<hash::Sha1> HandshakeReader::swarm() const {
    if (state_ == State::refused || size_ < peer_id_at) return std::nullopt;
    hash::Sha1 swarm;
    std::copy_n(octets_.begin() + swarm_at, swarm.size(), swarm.begin());
    return swarm;
}

Handshake HandshakeReader::handshake() const {
    SPATE_ASSERT(state_ == State::complete);
    Handshake handshake{.reserved = *reserved(), .swarm = *swarm()};
    std::copy_n(octets_.begin() + peer_id_at, handshake.peer_id.size(), handshake.peer_id.begin());
    return handshake;
}

}  // namespace spate::wire
