#include "announce/endpoint_bytes.h"

#include <algorithm>
#include <array>

#include "base/assert.h"

namespace spate::announce {
namespace {

template <class Out>
void append_packed(Out& out, const Endpoint& endpoint) {
    const Address address = endpoint.address.unmapped();
    const auto& octets = address.octets();
    using Octet = typename Out::value_type;
    std::transform(octets.begin(), octets.begin() + (address.is_v4() ? 4 : 16), std::back_inserter(out),
                   [](std::uint8_t octet) { return static_cast<Octet>(octet); });
    out.push_back(static_cast<Octet>(endpoint.port >> 8));
    out.push_back(static_cast<Octet>(endpoint.port & 0xff));
}

template <class Number>
Number read_number(Bytes bytes, std::size_t at) {
    SPATE_ASSERT(at + sizeof(Number) <= bytes.size());
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i) value = value << 8 | bytes[at + i];
    return static_cast<Number>(value);
}

template <class Number>
void append_number(std::vector<std::uint8_t>& out, Number value) {
    for (std::size_t i = sizeof(Number); i-- > 0;)
        out.push_back(static_cast<std::uint8_t>(value >> (8 * i) & 0xff));
}

}  // namespace

void append_endpoint(std::string& out, const Endpoint& endpoint) {
    append_packed(out, endpoint);
}
void append_endpoint(std::vector<std::uint8_t>& out, const Endpoint& endpoint) {
    append_packed(out, endpoint);
}

void read_endpoints(Bytes packed, IpFamily family, std::vector<Endpoint>& into) {
    const std::size_t stride = endpoint_bytes(family);
    for (; packed.size() >= stride && into.size() < peers_in_reply_max; packed = packed.subspan(stride)) {
        Endpoint endpoint;
        if (family == IpFamily::v4) {
            endpoint.address = Address::v4(packed[0], packed[1], packed[2], packed[3]);
        } else {
            std::array<std::uint8_t, 16> octets;
            std::copy_n(packed.begin(), octets.size(), octets.begin());
            endpoint.address = Address::v6(octets).unmapped();
        }
        endpoint.port = read_u16(packed, stride - 2);
        if (endpoint.port != 0) into.push_back(endpoint);
    }
}

std::uint16_t read_u16(Bytes bytes, std::size_t at) {
    return read_number<std::uint16_t>(bytes, at);
}
std::uint32_t read_u32(Bytes bytes, std::size_t at) {
    return read_number<std::uint32_t>(bytes, at);
}
std::uint64_t read_u64(Bytes bytes, std::size_t at) {
    return read_number<std::uint64_t>(bytes, at);
}
void append_u16(std::vector<std::uint8_t>& out, std::uint16_t value) {
    append_number(out, value);
}
void append_u32(std::vector<std::uint8_t>& out, std::uint32_t value) {
    append_number(out, value);
}
void append_u64(std::vector<std::uint8_t>& out, std::uint64_t value) {
    append_number(out, value);
}

}  // namespace spate::announce
