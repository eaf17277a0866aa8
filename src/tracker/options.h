// What a tracker's owner can set, with the defaults. Plain data; read once at start.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/endpoint.h"
#include "base/time.h"
#include "tracker/swarm_limits.h"

namespace spate::tracker {

// What createtracker needs before it is believed that the sender has the whole file.
enum class Possession {
    off,      // nothing is asked
    warn,     // asked; who cannot be reached is listed as unverified, who refuses a chunk gets fail
    require,  // asked; only who proves it gets succ
};

struct PossessionOptions {
    Possession mode = Possession::warn;
    // Connect to whatever address a request names. Off: only to the address the request came from.
    bool any_address = false;
    std::size_t chunks = 4;        // random chunks over the whole range, the first and the last among them
    std::size_t running_max = 32;  // checks at once
    std::size_t running_per_source_max = 8;       // of them for one source: its checks take turns beyond that
    std::size_t waiting_per_source_max = 16;      // of them waiting; beyond: unverified at once
    std::size_t waiting_max = 256;                // in all; beyond: unverified at once
    Duration time_max = std::chrono::seconds(1);  // from the request to the verdict, waiting included
};

// A source is an IPv4 address, or the /64 of an IPv6 one.
struct ConnectionLimits {
    std::size_t connections_max = 16'384;
    std::size_t connections_per_source_max = 12'000;
    std::size_t line_length_max = 8 * 1024;                // bytes of one request
    Duration request_time_max = std::chrono::seconds(10);  // from the first byte of a request to its end
    Duration idle_time_max = std::chrono::seconds(60);     // with no byte of a request at all
    Duration reply_time_max = std::chrono::seconds(30);    // for a reply to be read, and a second more
    std::size_t reply_rate_min = 16 * 1024;                // for every so many bytes of it
    std::size_t unfinished_bytes_max = 64 << 20;           // of HTTP requests that are still arriving, in all
    std::size_t unfinished_bytes_per_source_max = 16 << 20;
    std::size_t reply_bytes_max = 256 << 20;  // of replies that wait for slow readers, in all
    Duration linger_time_max =
        std::chrono::seconds(2);                     // after the reply, for the client to read it and close
    std::size_t linger_bytes_max = 4 * 1024 * 1024;  // of what the client still sends meanwhile, thrown away
};

// BitTorrent announces and scrapes, over HTTP and UDP.
struct AnnounceOptions {
    SwarmLimits swarms;
    Duration interval = std::chrono::minutes(30);  // give or take a tenth, so that peers do not come in step
    Duration min_interval = std::chrono::minutes(15);
    std::uint32_t peers_default = 50;  // in a reply, when the peer does not say how many
    std::uint32_t peers_max = 200;
    // Of one source; beyond: UDP stays silent, HTTP says when to come again. 0: no limit.
    std::uint32_t requests_per_second = 200;
    std::uint32_t requests_burst = 2000;
    bool udp = true;            // on the TCP ports' numbers
    bool public_stats = false;  // /stats for everybody, not only for local addresses
    // Where the swarms are kept over a restart: a folder that this process owns; empty: nowhere.
    std::string swarm_folder;
    Duration swarm_save_pause = std::chrono::minutes(1);  // the longest (SwarmKeeper)
};

struct Options {
    std::vector<Endpoint> listen = {{Address::loopback(), 3456}};
    PossessionOptions possession;
    ConnectionLimits limits;
    AnnounceOptions announce;
};

}  // namespace spate::tracker
