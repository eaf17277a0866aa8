#include "swarm/address_kind.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

namespace spate::swarm {

namespace {

struct Range4 {
    std::uint32_t network;
    int bits;
    AddressKind kind;
};
constexpr std::uint32_t v4(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
    return a << 24 | b << 16 | c << 8;
}
constexpr std::array ranges4{
    Range4{v4(0, 0, 0), 8, AddressKind::unusable},   Range4{v4(10, 0, 0), 8, AddressKind::local},
    Range4{v4(100, 64, 0), 10, AddressKind::local},  Range4{v4(127, 0, 0), 8, AddressKind::loopback},
    Range4{v4(169, 254, 0), 16, AddressKind::local}, Range4{v4(172, 16, 0), 12, AddressKind::local},
    Range4{v4(192, 168, 0), 16, AddressKind::local}, Range4{v4(198, 18, 0), 15, AddressKind::local},
    Range4{v4(224, 0, 0), 3, AddressKind::unusable},
};

AddressKind kind_of_v4(const Address& address) {
    const auto& o = address.octets();
    const auto value = v4(o[0], o[1], o[2]) | o[3];
    for (const auto& range : ranges4)
        if (((value ^ range.network) >> (32 - range.bits)) == 0) return range.kind;
    return AddressKind::global;
}

AddressKind kind_of_v6(const Address& address) {
    const auto& o = address.octets();
    if (address.is_loopback()) return AddressKind::loopback;
    if (address.is_unspecified() || address.is_multicast()) return AddressKind::unusable;
    if ((o[0] & 0xfe) == 0xfc || (o[0] == 0xfe && (o[1] & 0xc0) == 0x80)) return AddressKind::local;
    return (o[0] & 0xe0) == 0x20 ? AddressKind::global : AddressKind::unusable;
}

Address cut(const Address& address, std::size_t octets_kept) {
    auto octets = address.octets();
    std::fill(octets.begin() + static_cast<std::ptrdiff_t>(octets_kept), octets.end(), std::uint8_t{0});
    if (address.is_v4()) return Address::v4(octets[0], octets[1], octets[2], octets[3]);
    return Address::v6(octets);
}

// BEP 40: all of the address as far as both share it and one octet or two more, then 0x55.
void append_masked(std::vector<std::uint8_t>& out, const Address& address, std::size_t shared_kept) {
    const std::size_t size = address.is_v4() ? 4 : 16;
    for (std::size_t i = 0; i < size; ++i) {
        const auto octet = address.octets()[i];
        out.push_back(i < shared_kept ? octet : static_cast<std::uint8_t>(octet & 0x55));
    }
}

// How many octets are taken whole: FF.FF.55.55 in general, one more for a shared /16, all for a shared /24.
std::size_t octets_kept(const Address& a, const Address& b) {
    const std::size_t size = a.is_v4() ? 4 : 16;
    const std::size_t first = a.is_v4() ? 2 : 6;
    std::size_t shared = 0;
    while (shared < size && a.octets()[shared] == b.octets()[shared]) ++shared;
    return shared < first ? first : std::min(shared + 1, size);
}

}  // namespace

AddressKind kind_of(const Address& address) {
    const auto plain = address.unmapped();
    return plain.is_v4() ? kind_of_v4(plain) : kind_of_v6(plain);
}

bool may_tell(const Address& teller, const Address& told) {
    const auto kind = kind_of(told);
    if (kind == AddressKind::unusable) return false;
    if (kind == AddressKind::global) return true;
    const auto from = kind_of(teller);
    return from == AddressKind::loopback || (from == AddressKind::local && kind == AddressKind::local);
}

Address range_of(const Address& address) {
    const auto plain = address.unmapped();
    return cut(plain, plain.is_v4() ? 3 : 6);
}

std::uint32_t crc32c(Bytes bytes) {
    std::uint32_t crc = ~0U;
    for (const auto octet : bytes) {
        crc ^= octet;
        for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (0x82f63b78U & (0U - (crc & 1U)));
    }
    return ~crc;
}

std::uint32_t canonical_priority(const Endpoint& us, const Endpoint& peer) {
    if (us.address.is_v4() != peer.address.is_v4()) return 0;
    std::array<std::vector<std::uint8_t>, 2> ends;
    if (us.address == peer.address) {
        ends[0] = {static_cast<std::uint8_t>(us.port >> 8), static_cast<std::uint8_t>(us.port)};
        ends[1] = {static_cast<std::uint8_t>(peer.port >> 8), static_cast<std::uint8_t>(peer.port)};
    } else {
        const auto kept = octets_kept(us.address, peer.address);
        append_masked(ends[0], us.address, kept);
        append_masked(ends[1], peer.address, kept);
    }
    if (ends[1] < ends[0]) std::swap(ends[0], ends[1]);
    ends[0].insert(ends[0].end(), ends[1].begin(), ends[1].end());
    return crc32c(ends[0]);
}

}  // namespace spate::swarm
