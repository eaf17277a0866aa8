// AddressScope: how far an address reaches, so that what is local is not handed to strangers and what is no
// peer's address is never kept (trackers.md 3.3). Pure.
#pragma once

#include <cstdint>

#include "base/endpoint.h"

namespace spate::tracker {

enum class AddressScope : std::uint8_t {
    none,    // nobody's: unspecified, 0/8, multicast, broadcast
    local,   // this machine, a private, link-local, shared or documentation network
    global,  // everybody's
};

// Mapped IPv4 (::ffff:a.b.c.d) counts as IPv4.
AddressScope scope_of(const Address& address);

}  // namespace spate::tracker
