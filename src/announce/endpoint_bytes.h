// Endpoints and numbers as octets in network order: 6 bytes for IPv4, 18 for IPv6 (BEP 7, 15, 23). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "announce/announce.h"
#include "base/bytes.h"

namespace spate::announce {

inline std::size_t endpoint_bytes(IpFamily family) {
    return family == IpFamily::v4 ? 6 : 18;
}

// As IPv4 when it is one, mapped or not.
void append_endpoint(std::string& out, const Endpoint& endpoint);
void append_endpoint(std::vector<std::uint8_t>& out, const Endpoint& endpoint);

// Whole entries only, at most peers_in_reply_max in `into` in all; nobody with port 0.
void read_endpoints(Bytes packed, IpFamily family, std::vector<Endpoint>& into);

std::uint16_t read_u16(Bytes bytes, std::size_t at);
std::uint32_t read_u32(Bytes bytes, std::size_t at);
std::uint64_t read_u64(Bytes bytes, std::size_t at);
void append_u16(std::vector<std::uint8_t>& out, std::uint16_t value);
void append_u32(std::vector<std::uint8_t>& out, std::uint32_t value);
void append_u64(std::vector<std::uint8_t>& out, std::uint64_t value);

}  // namespace spate::announce
