// Tracker datagrams (BEP 15, 41), both sides: bytes to values and back. Sizes are lower bounds: what follows
// is BEP 41's options (announce) or ignored. Over IPv6 peers take 18 bytes, the rest is the same. Rules:
// trackers.md 3.2 rows 1, 2, 7 to 9, 13, 17, 27, 30, 31. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "announce/announce.h"
#include "base/bytes.h"

namespace spate::announce {

inline constexpr std::uint64_t udp_protocol_magic = 0x41727101980;
// Of a payload: survives tunnels unfragmented.
inline constexpr std::size_t udp_reply_bytes_max = 1350;
inline constexpr std::size_t udp_peers_max_v4 = 221;  // (1350 - 20) / 6
inline constexpr std::size_t udp_peers_max_v6 = 73;
inline constexpr std::size_t url_data_bytes_max =
    1024;  // of a request's options in all; the rest is left out

struct UdpConnect {
    std::uint32_t transaction = 0;
};
struct UdpAnnounce {
    std::uint64_t connection_id = 0;
    std::uint32_t transaction = 0;
    AnnounceRequest request;
    std::string url_data;  // BEP 41: path and query of the tracker's URL
};
struct UdpScrape {
    std::uint64_t connection_id = 0;
    std::uint32_t transaction = 0;
    Bytes hashes;  // views the datagram; whole 20-byte hashes, at most scrape_hashes_max

    std::size_t count() const { return hashes.size() / 20; }
    hash::Sha1 hash(std::size_t index) const;
};
using UdpRequest = std::variant<UdpConnect, UdpAnnounce, UdpScrape>;

// Nothing: no answer at all (too short, wrong magic, unknown action).
std::optional<UdpRequest> parse_udp_request(Bytes datagram);
// What is asked under which id, before anything else is looked at; nothing for a connect or a short datagram.
std::optional<std::uint64_t> udp_connection_id(Bytes datagram);

// Replies, appended.
void append_udp_connect_reply(std::vector<std::uint8_t>& out, std::uint32_t transaction,
                              std::uint64_t connection_id);
// Peers of `asker`'s family, as many as fit udp_reply_bytes_max.
void append_udp_announce_reply(std::vector<std::uint8_t>& out, std::uint32_t transaction,
                               const AnnounceReply& reply, IpFamily asker);
void append_udp_scrape_reply(std::vector<std::uint8_t>& out, std::uint32_t transaction,
                             std::span<const ScrapeCounts> counts);
void append_udp_error(std::vector<std::uint8_t>& out, std::uint32_t transaction, std::string_view reason);

// The client's side.
void append_udp_request(std::vector<std::uint8_t>& out, const UdpConnect& connect);
void append_udp_request(std::vector<std::uint8_t>& out, const UdpAnnounce& announce);
void append_udp_request(std::vector<std::uint8_t>& out, const UdpScrape& scrape);

struct UdpConnectReply {
    std::uint64_t connection_id = 0;
};
struct UdpScrapeReply {
    std::vector<ScrapeCounts> counts;  // in the order asked
};
struct UdpReply {
    std::uint32_t transaction = 0;
    std::variant<UdpConnectReply, AnnounceReply, UdpScrapeReply, Failure> what;
};
// Nothing for a broken one.
std::optional<UdpReply> parse_udp_reply(Bytes datagram, IpFamily family);

}  // namespace spate::announce
