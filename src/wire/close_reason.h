// CloseReason: why a peer connection ended, as a value. The first part is what PeerWire finds in the stream;
// the second is for whoever owns the connection.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace spate::wire {

enum class CloseReason : std::uint8_t {
    none,
    // Found in the stream.
    not_bittorrent,         // another protocol than "BitTorrent protocol"
    message_length,         // a length that its type cannot have
    bad_bitfield,           // wrong length or spare bits
    bitfield_not_first,     // have all or have none twice or late, or too many late bitfields
    bad_piece_index,        // have or don't have beyond the torrent's end
    fast_not_negotiated,    // a message of BEP 6 without both bits
    bad_extension_message,  // no bencode, or without what it must have
    // Found by what was asked for.
    unknown_torrent,
    own_connection,  // it was ourselves
    duplicate_connection,
    handshake_timeout,
    idle_timeout,
    unasked_block,
    unasked_hashes,
    unasked_metadata,
    wrong_hashes,
    invalid_requests,
    too_many_requests,
    too_much_talk,  // messages that change nothing, without end
    reads_nothing,  // what it is to be sent piles up
    wrong_data,     // shown to have sent false bytes
    not_wanted,     // both seeds, or nothing to give each other
    too_many_connections,
    torrent_stopped,
    closed_by_peer,
    connect_failed,
    network_error,
};

std::string_view name(CloseReason reason);  // "bad bitfield", for people

// What PeerWire stopped at.
struct WireError {
    CloseReason reason = CloseReason::none;
    std::uint8_t message = 0;  // the message's id
    std::uint32_t length = 0;  // the length it claimed
    std::string text() const;  // "bad bitfield (message 5, 12 bytes)"
    bool operator==(const WireError&) const = default;
};

}  // namespace spate::wire
