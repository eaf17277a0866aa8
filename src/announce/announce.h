// What peers and trackers tell each other (BEP 3, 7, 15, 21, 23, 24, 31, 41, 48), whichever way it is sent.
// Values.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/endpoint.h"
#include "hash/digest.h"

namespace spate::announce {

using PeerId = std::array<std::uint8_t, 20>;

enum class Event : std::uint8_t {
    none,
    completed,
    started,
    stopped,
    paused
};  // BEP 15's numbers; paused: BEP 21
enum class IpFamily { v4, v6 };

inline IpFamily family_of(const Address& address) {
    return address.unmapped().is_v4() ? IpFamily::v4 : IpFamily::v6;
}

// `left` of somebody who does not know yet (magnet links) or does not say.
inline constexpr std::uint64_t left_unknown = INT64_MAX;

struct AnnounceRequest {
    hash::Sha1 swarm{};  // v2 swarms: the hash cut to 20 bytes
    PeerId peer_id{};
    std::uint16_t port = 0;  // 0 and 1: cannot listen; answered, not stored
    std::uint64_t uploaded = 0;
    std::uint64_t downloaded = 0;
    std::uint64_t left = left_unknown;
    Event event = Event::none;
    std::optional<std::uint32_t> want;  // peers; none: as many as the tracker likes; 0: none
    std::optional<std::uint32_t> key;   // same key and peer_id over IPv4 and IPv6: one client
    bool compact = true;                // HTTP only; false: the asker would like dictionaries
    std::string tracker_id;             // HTTP only

    bool is_seed() const { return left == 0; }
    bool operator==(const AnnounceRequest&) const = default;
};

struct AnnounceReply {
    std::uint32_t interval = 1800;  // seconds
    std::optional<std::uint32_t> min_interval{};
    std::uint32_t complete = 0;    // seeds
    std::uint32_t incomplete = 0;  // leechers
    std::optional<std::uint32_t> downloaded{};
    std::vector<Endpoint> peers{};         // both families; UDP sends those of the asker's only
    std::optional<Address> external_ip{};  // the asker, as the tracker sees it
    std::string tracker_id{};
    std::string warning{};  // through printable() before it is shown
    bool operator==(const AnnounceReply&) const = default;
};

struct RetryIn {
    bool never = false;
    std::uint32_t minutes = 0;
    bool operator==(const RetryIn&) const = default;
};

// The tracker's refusal, as it says it.
struct Failure {
    std::string reason;               // cut to failure_bytes_max when read
    std::optional<RetryIn> retry_in;  // BEP 31
    bool operator==(const Failure&) const = default;
};

struct ScrapeCounts {
    std::uint32_t complete = 0;
    std::uint32_t downloaded = 0;  // over all time
    std::uint32_t incomplete = 0;
    std::optional<std::uint32_t> downloaders;  // BEP 21: of incomplete, those that still want something
    bool operator==(const ScrapeCounts&) const = default;
};

inline constexpr std::uint32_t peers_in_reply_max = 2000;  // read from one reply; the rest is left out
inline constexpr std::uint32_t want_max = 200;             // asked for or served in one reply
inline constexpr std::size_t failure_bytes_max = 500;
inline constexpr std::size_t tracker_id_bytes_max = 100;
inline constexpr std::size_t scrape_hashes_max = 74;  // in one question

}  // namespace spate::announce
