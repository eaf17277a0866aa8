#include "wire/close_reason.h"

namespace spate::wire {

std::string_view name(CloseReason reason) {
    switch (reason) {
        case CloseReason::none:
            return "none";
        case CloseReason::not_bittorrent:
            return "not the BitTorrent protocol";
        case CloseReason::message_length:
            return "message of a wrong length";
        case CloseReason::bad_bitfield:
            return "bad bitfield";
        case CloseReason::bitfield_not_first:
            return "bitfield twice or late";
        case CloseReason::bad_piece_index:
            return "piece beyond the torrent's end";
        case CloseReason::fast_not_negotiated:
            return "fast message without the fast extension";
        case CloseReason::bad_extension_message:
            return "bad extension message";
        case CloseReason::unknown_torrent:
            return "unknown torrent";
        case CloseReason::own_connection:
            return "connection to ourselves";
        case CloseReason::duplicate_connection:
            return "connected already";
        case CloseReason::handshake_timeout:
            return "handshake took too long";
        case CloseReason::idle_timeout:
            return "silent for too long";
        case CloseReason::unasked_block:
            return "block that was not asked for";
        case CloseReason::unasked_hashes:
            return "hashes that were not asked for";
        case CloseReason::unasked_metadata:
            return "metadata that was not asked for";
        case CloseReason::wrong_hashes:
            return "hashes that do not lead to the root";
        case CloseReason::invalid_requests:
            return "invalid requests";
        case CloseReason::too_many_requests:
            return "too many requests";
        case CloseReason::too_much_talk:
            return "messages without end that change nothing";
        case CloseReason::reads_nothing:
            return "does not read what it is sent";
        case CloseReason::wrong_data:
            return "sent false data";
        case CloseReason::not_wanted:
            return "nothing to give each other";
        case CloseReason::too_many_connections:
            return "too many connections";
        case CloseReason::torrent_stopped:
            return "torrent stopped";
        case CloseReason::closed_by_peer:
            return "closed by the peer";
        case CloseReason::connect_failed:
            return "could not connect";
        case CloseReason::network_error:
            return "network error";
    }
    return "unknown";
}

std::string WireError::text() const {
    return std::string(name(reason)) + " (message " + std::to_string(message) + ", " +
           std::to_string(length) + " bytes)";
}

}  // namespace spate::wire
