// TorrentStatus: how a torrent of a Session stands, as a value for whoever shows it. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace spate::engine {

enum class TorrentState : std::uint8_t {
    metadata,     // a magnet whose info dictionary is being fetched from peers
    opening,      // files and resume state are looked at
    checking,     // what is on disk is hashed
    downloading,  // something wanted is missing
    seeding,      // all that is wanted is there
    waiting,  // the disk does not take what comes, or give what it should: `error` says why and what to do
              // about it. What is readable is shared, and it goes on by itself
    failed,   // `error` says why: the disk, mostly. Peers are gone
    stopped,
};
const char* name_of(TorrentState state);  // "metadata", "opening" ...

struct TorrentStatus {
    TorrentState state = TorrentState::opening;
    std::string name;  // clean; a magnet without one: its info-hash
    std::optional<Error> error;
    std::optional<Duration> retry_in;  // while waiting
    std::string tracker_warning;       // the last thing a tracker complained of; printable

    std::uint64_t bytes_total = 0;    // of wanted pieces; 0 while the metainfo is unknown
    std::uint64_t bytes_have = 0;     // of those, verified
    std::uint64_t bytes_checked = 0;  // while checking
    std::uint64_t downloaded = 0;     // payload since it was added, wasted blocks included
    std::uint64_t uploaded = 0;       // payload
    std::uint64_t wasted = 0;         // payload that came twice or failed its hash
    std::uint64_t rate_down = 0;      // payload bytes a second
    std::uint64_t rate_up = 0;
    std::optional<Duration> eta;

    std::uint32_t pieces_total = 0;
    std::uint32_t pieces_have = 0;
    std::uint32_t peers = 0;         // connected
    std::uint32_t seeds = 0;         // of those, with everything
    std::uint32_t peers_known = 0;   // connected or not
    std::uint32_t peers_banned = 0;  // shown wrong
    std::optional<std::uint32_t> tracker_seeds;
    std::optional<std::uint32_t> tracker_leechers;
    // Every piece we lack is with some peer, so that the download can end.
    bool all_available = false;

    // For a bar: how much of each of bar_cells equal stretches of pieces is there, 0 to 255; empty while
    // unknown.
    static constexpr std::size_t bar_cells = 64;
    std::vector<std::uint8_t> bar;

    bool complete() const { return state == TorrentState::seeding; }
};

}  // namespace spate::engine
