// What kind of network an address belongs to, and which ones somebody may tell us about (row 51: nobody far
// away points us at our own machine or network). Pure.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/endpoint.h"

namespace spate::swarm {

enum class AddressKind : std::uint8_t {
    loopback,
    local,  // private, link-local, unique local, shared (RFC 1918, 3927, 4193, 6598)
    global,
    unusable,  // unspecified, multicast, broadcast, documentation, reserved
};
AddressKind kind_of(const Address& address);
inline bool is_local(const Address& address) {
    return kind_of(address) == AddressKind::loopback || kind_of(address) == AddressKind::local;
}

// Whether a peer address that `teller` named may be tried.
bool may_tell(const Address& teller, const Address& told);

// The range that shares an owner, for bounds: /24 of IPv4, /48 of IPv6.
Address range_of(const Address& address);

// BEP 40: the same for both ends; the higher, the sooner.
std::uint32_t canonical_priority(const Endpoint& us, const Endpoint& peer);
std::uint32_t crc32c(Bytes bytes);

}  // namespace spate::swarm
