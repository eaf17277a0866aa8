// Which language a TCP connection speaks, told by its first bytes: all of them share one port. HTTP: one of
// its methods and a target that begins with '/' or "http://" (names of the classic protocol cannot), or
// OPTIONS *. A BitTorrent handshake or TLS is nothing a tracker answers. All the rest is classic: '<', the
// bare words, and whatever nobody knows, which the classic side has a reply for. Pure.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace spate::tracker {

enum class Language : std::uint8_t { undecided, classic, http, peer_wire, tls };

// `bytes`: all that came so far. Decided with at most first_bytes_max of them.
Language language_of(Bytes bytes);
inline constexpr std::size_t first_bytes_max = 15;  // "OPTIONS http://"

}  // namespace spate::tracker
