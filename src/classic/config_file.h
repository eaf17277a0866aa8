// The original system's config files: one value a line in a fixed order, `#` comments (at the
// start of a line or after a blank), blank lines, blanks around a value and CRLF ignored. Errors name the
// file, the line and what is wrong. Text at most 64 KiB. Pure functions; any thread.
//
// Source: docs/protocols/classic.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace spate::classic {

// sconfig: the tracker.
struct TrackerConfig {
    std::uint16_t port = 0;  // 1 to 65535
    std::string folder;      // of the tracker files; as written, may hold blanks
    bool operator==(const TrackerConfig&) const = default;
};
// clientThreadConfig.cfg: the peer towards the tracker.
struct ClientConfig {
    std::uint16_t tracker_port = 0;
    std::string tracker_host;                // address or host name
    std::chrono::seconds update_interval{};  // 1 s to 1 day
    bool operator==(const ClientConfig&) const = default;
};
// serverThreadConfig.cfg: the peer towards other peers.
struct ServerConfig {
    std::uint16_t listen_port = 0;
    std::string shared_folder;
    bool operator==(const ServerConfig&) const = default;
};

// file_name: for the errors only.
Result<TrackerConfig> parse_tracker_config(std::string_view text, std::string_view file_name);
Result<ClientConfig> parse_client_config(std::string_view text, std::string_view file_name);
Result<ServerConfig> parse_server_config(std::string_view text, std::string_view file_name);

}  // namespace spate::classic
