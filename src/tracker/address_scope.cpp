#include "tracker/address_scope.h"

#include <array>

namespace spate::tracker {

namespace {

struct Network {
    std::array<std::uint8_t, 4> prefix;
    int bits;
    AddressScope scope;
};

constexpr Network networks_v4[] = {
    {{0, 0, 0, 0}, 8, AddressScope::none},        {{224, 0, 0, 0}, 3, AddressScope::none},
    {{127, 0, 0, 0}, 8, AddressScope::local},     {{10, 0, 0, 0}, 8, AddressScope::local},
    {{172, 16, 0, 0}, 12, AddressScope::local},   {{192, 168, 0, 0}, 16, AddressScope::local},
    {{169, 254, 0, 0}, 16, AddressScope::local},  {{100, 64, 0, 0}, 10, AddressScope::local},
    {{192, 0, 0, 0}, 24, AddressScope::local},    {{192, 0, 2, 0}, 24, AddressScope::local},
    {{198, 51, 100, 0}, 24, AddressScope::local}, {{203, 0, 113, 0}, 24, AddressScope::local},
    {{198, 18, 0, 0}, 15, AddressScope::local},
};

constexpr Network networks_v6[] = {
    {{0xff, 0, 0, 0}, 8, AddressScope::none},   {{0xfe, 0x80, 0, 0}, 10, AddressScope::local},
    {{0xfc, 0, 0, 0}, 7, AddressScope::local},  {{0x20, 0x01, 0x0d, 0xb8}, 32, AddressScope::local},
    {{0x20, 0, 0, 0}, 3, AddressScope::global},
};

bool is_in(const Address& address, const Network& network) {
    int left = network.bits;
    for (std::size_t i = 0; left > 0; ++i, left -= 8) {
        const unsigned differing = address.octets()[i] ^ network.prefix[i];
        if ((left >= 8 ? differing : differing >> (8 - left)) != 0) return false;
    }
    return true;
}

}  // namespace

AddressScope scope_of(const Address& address) {
    const auto plain = address.unmapped();
    if (plain.is_v4()) {
        for (const auto& network : networks_v4)
            if (is_in(plain, network)) return network.scope;
        return AddressScope::global;
    }
    if (plain.is_unspecified()) return AddressScope::none;
    for (const auto& network : networks_v6)
        if (is_in(plain, network)) return network.scope;
    return AddressScope::local;  // loopback, and what the registries have not given to anybody
}

}  // namespace spate::tracker
