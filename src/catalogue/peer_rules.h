// The rules for the peer lines of one entry (classic protocol, 7.5): who is dead, what an update does to a
// range. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"
#include "catalogue/entry.h"

namespace spate::catalogue {

// By more than `age`, which is not negative. Any two times.
bool is_older_than(WallTime time, WallTime now, std::chrono::seconds age);

// Dead: not heard of for longer than `timeout`. A peer whose time lies ahead of a clock that was set back
// lives.
bool is_dead(const Peer& peer, WallTime now, std::chrono::seconds timeout);

// Gives how many were removed. The order of the others stays.
std::size_t remove_dead_peers(Entry& entry, WallTime now, std::chrono::seconds timeout);

// When the next of the living peers dies if nothing is heard of it: the first second at which it counts as
// dead.
std::optional<WallTime> next_death(const Entry& entry, WallTime now, std::chrono::seconds timeout);

Peer* find_peer(Entry& entry, std::string_view host, std::uint16_t port);

// A new announcement of a known peer: the line that createtracker made is replaced; a range that touches the
// old one (also end + 1 == start, from programs that write the last byte) is merged with it; any other
// replaces it.
void announce_again(Peer& peer, std::uint64_t start, std::uint64_t end, WallTime now);

// Whether the living peers together hold every byte. Whole-file lines of createtracker do not count: their
// peers serve nothing yet.
bool is_covered(const Entry& entry, WallTime now, std::chrono::seconds timeout);

}  // namespace spate::catalogue
