// Eviction: who leaves when all places for connections are taken and a newcomer wants one. Peers are of a
// use, the least first: silent (said nothing since the handshake), idle (little moves, and neither side waits
// for the other), waiting (one side has what the other wants), busy (moves data: busy_rate at least, and a
// quarter of what all do in the mean: who trickles is no busier than its use says; it stays, but see below).
//
// - surplus(): silent for silent_time or idle for idle_time; it may go at any time.
// - gives_way(): the surplus first. Else, so that a flood of new connections keeps nobody out: a silent or
//   idle one while they hold more than 1/fresh_share of the places; else, for a newcomer from elsewhere, one
//   out of a range that holds more than half of them: the least useful, or if nobody in the table is silent
//   or idle, the slowest that came.
// Of several of one use: those that came before those we dialed, of the range that has most of these, the
// oldest. So who floods loses what it opened first, and who speaks within the time that it takes to open all
// places anew stays.
//
// Pure. Memory and time: of the candidates, for the call.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/endpoint.h"
#include "base/time.h"

namespace spate::swarm {

enum class PeerUse : std::uint8_t { silent, idle, waiting };

struct EvictionCandidate {
    Address range{};                // range_of() its address
    PeerUse use = PeerUse::silent;  // beside what it moves
    std::uint64_t rate = 0;         // bytes a second, both ways
    bool dialed = false;            // by us
    TimePoint since{};              // when it was connected
};

inline constexpr Duration silent_time = std::chrono::seconds(3);
inline constexpr Duration idle_time = std::chrono::seconds(20);
inline constexpr std::size_t fresh_share = 4;
inline constexpr std::uint64_t busy_rate = 4 << 10;
inline constexpr std::uint64_t busy_share = 4;

// Indices into `all`; nothing: everybody stays.
std::optional<std::size_t> surplus(std::span<const EvictionCandidate> all, TimePoint now);
std::optional<std::size_t> gives_way(std::span<const EvictionCandidate> all, const Address& newcomer,
                                     TimePoint now);
// For one that we dial: so many of those that came stay, and of others the least useful goes.
std::optional<std::size_t> gives_way_to_dialed(std::span<const EvictionCandidate> all, std::size_t stay);

}  // namespace spate::swarm
