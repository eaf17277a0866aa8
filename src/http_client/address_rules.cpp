#include "http_client/address_rules.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace spate::http_client {
namespace {

struct Block {
    std::array<std::uint8_t, 4> first;  // the first octets; the rest is zero
    int bits;
};

// IANA's special-purpose registries: what is not globally reachable.
constexpr Block local_v4[] = {
    {{0, 0, 0, 0}, 8},      {{10, 0, 0, 0}, 8},    {{100, 64, 0, 0}, 10},   {{127, 0, 0, 0}, 8},
    {{169, 254, 0, 0}, 16}, {{172, 16, 0, 0}, 12}, {{192, 0, 0, 0}, 24},    {{192, 0, 2, 0}, 24},
    {{192, 168, 0, 0}, 16}, {{198, 18, 0, 0}, 15}, {{198, 51, 100, 0}, 24}, {{203, 0, 113, 0}, 24},
    {{224, 0, 0, 0}, 3},
};
// Of IPv6, only 2000::/3 is given out at all.
constexpr Block global_v6 = {{0x20, 0, 0, 0}, 3};
constexpr Block local_v6[] = {
    {{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    {{0x20, 0x01, 0, 0}, 23},        // protocol assignments, Teredo
    {{0x20, 0x02, 0, 0}, 16},        // 6to4: an IPv4 address within
};

bool within(const Address& address, const Block& block) {
    for (int bit = 0; bit < block.bits; ++bit) {
        const auto octet = static_cast<std::size_t>(bit / 8);
        const int mask = 0x80 >> bit % 8;
        if ((address.octets()[octet] & mask) != (block.first[octet] & mask)) return false;
    }
    return true;
}

}  // namespace

bool is_global(const Address& given) {
    const Address address = given.unmapped();
    const auto holds = [&](const Block& block) { return within(address, block); };
    if (address.is_v4()) return std::ranges::none_of(local_v4, holds);
    return holds(global_v6) && std::ranges::none_of(local_v6, holds);
}

bool tracker_may_be_at(const Address& given, const http::Url& url) {
    const Address address = given.unmapped();
    if (address.is_multicast() || address.is_unspecified()) return false;
    if (is_global(address)) return true;
    // What some servers read as a step upwards or as parameters leads elsewhere.
    const std::string_view path = url.path;
    if (url.scheme == "udp" && url.target() == "/") return true;
    if (path.find("..") != path.npos || path.find_first_of(";%\\") != path.npos) return false;
    std::string_view last = path.substr(path.rfind('/') + 1);
    if (last.ends_with(".php")) last.remove_suffix(4);
    return last == "announce" || last == "scrape";
}

}  // namespace spate::http_client
