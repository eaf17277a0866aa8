// Limits of the peer protocol: what a message may be long, before a byte of it is kept. What is beyond closes
// the connection with a CloseReason.
#pragma once

#include <cstddef>
#include <cstdint>

#include "metainfo/limits.h"

namespace spate::wire {

// Bytes one request may ask for, and one piece message may bring. We ask for 16 KiB.
inline constexpr std::uint32_t request_bytes_max = 128 << 10;

// `reqq`: requests a peer may have waiting. What we say we take, and what is meant when a peer says nothing.
inline constexpr std::uint32_t our_request_queue = 4000;
inline constexpr std::uint32_t default_request_queue = 250;
// No peer makes us queue more than this, whatever it claims (reqq is cut to it when it is read).
inline constexpr std::uint32_t request_queue_max = 4000;

inline constexpr std::uint32_t bitfield_bytes_max = metainfo::piece_count_max / 8;  // 512 KiB

// Bitfields after the first: aria2 sends one where that is shorter than the haves it has to tell, which is at
// most 72 times in a connection.
inline constexpr std::uint8_t late_bitfields_max = 100;

// Messages of an unknown type are passed over without being kept; longer ones are refused.
inline constexpr std::uint32_t unknown_message_bytes_max = 128 << 10;

// Payloads of extended messages, by type; unknown ids are passed over.
inline constexpr std::uint32_t extension_handshake_bytes_max = 16 << 10;
inline constexpr std::uint32_t metadata_message_bytes_max = (16 << 10) + 1024;
inline constexpr std::uint32_t pex_message_bytes_max = 16 << 10;

// BEP 9: the info dictionary and its blocks.
inline constexpr std::uint32_t metadata_block_size = 16 << 10;
inline constexpr std::uint32_t metadata_bytes_max = 30 << 20;
inline constexpr std::size_t metadata_sizes_max = 4;       // different sizes claimed that are kept apart
inline constexpr std::size_t metadata_sources_max = 200;   // peers asked
inline constexpr std::uint32_t metadata_requests_max = 8;  // we have waiting at one peer
inline constexpr std::size_t metadata_queue_max = 64;      // a peer has waiting at us; more are rejected
inline constexpr std::uint32_t metadata_serves_max = 4;    // times the whole of it, to one peer

// BEP 11: contacts of one message; the first one may tell more.
inline constexpr std::size_t pex_first_contacts_max = 200;
inline constexpr std::size_t pex_contacts_max = 50;

// BEP 52: hashes one request may name. We ask for 512 and serve up to 8192, as BEP 52 and libtorrent do.
inline constexpr std::uint32_t hashes_asked_max = 512;
inline constexpr std::uint32_t hashes_served_max = 8192;
inline constexpr std::size_t hash_requests_max = 4;  // we have waiting at one peer

inline constexpr std::size_t suggestions_max = 16;         // that PeerWire passes on, of one peer
inline constexpr std::size_t allowed_fast_taken_max = 64;  // likewise
inline constexpr std::size_t allowed_fast_given = 10;

}  // namespace spate::wire
