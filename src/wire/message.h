// The messages of the peer protocol after the handshake (BEP 3, 6, 52), one struct each, the same for reading
// (peer_wire.h) and writing (write.h). Those of the extension protocol are in extension_messages.h. Views
// point into what was fed, or into what the writer was given.
#pragma once

#include <compare>
#include <cstdint>

#include "base/bytes.h"
#include "hash/digest.h"
#include "metainfo/file_layout.h"
#include "metainfo/geometry.h"

namespace spate::wire {

using metainfo::PieceIndex;

enum class MessageId : std::uint8_t {
    choke = 0,
    unchoke = 1,
    interested = 2,
    not_interested = 3,
    have = 4,
    bitfield = 5,
    request = 6,
    piece = 7,
    cancel = 8,
    port = 9,
    suggest_piece = 13,
    have_all = 14,
    have_none = 15,
    reject_request = 16,
    allowed_fast = 17,
    extended = 20,
    hash_request = 21,
    hashes = 22,
    hash_reject = 23,
};

// Bytes of one piece, as requests name them.
struct BlockRequest {
    PieceIndex piece;
    std::uint32_t offset = 0;
    std::uint32_t length = 0;
    auto operator<=>(const BlockRequest&) const = default;
};

// Whether a peer may ask for that: at least one byte, at most request_bytes_max, inside the piece. Pad bytes
// count as inside.
bool is_valid_request(const BlockRequest& block, const metainfo::FileLayout& layout);

struct Choke {
    bool operator==(const Choke&) const = default;
};
struct Unchoke {
    bool operator==(const Unchoke&) const = default;
};
struct Interested {
    bool operator==(const Interested&) const = default;
};
struct NotInterested {
    bool operator==(const NotInterested&) const = default;
};
struct HaveAll {
    bool operator==(const HaveAll&) const = default;
};
struct HaveNone {
    bool operator==(const HaveNone&) const = default;
};
struct Have {
    PieceIndex piece;
    bool operator==(const Have&) const = default;
};
// Checked against the piece count, where it is known: then Bitfield::from_bytes takes it.
struct BitfieldMessage {
    Bytes bytes;
};
struct Request {
    BlockRequest block;
    bool operator==(const Request&) const = default;
};
struct Cancel {
    BlockRequest block;
    bool operator==(const Cancel&) const = default;
};
struct Reject {
    BlockRequest block;
    bool operator==(const Reject&) const = default;
};
struct Port {  // of the peer's DHT node
    std::uint16_t port = 0;
    bool operator==(const Port&) const = default;
};
struct SuggestPiece {
    PieceIndex piece;
    bool operator==(const SuggestPiece&) const = default;
};
struct AllowedFast {
    PieceIndex piece;
    bool operator==(const AllowedFast&) const = default;
};

// A part of a piece message's data, in order and without gaps, as it lies in the buffer that was fed. Never
// empty. Nothing says yet that it was asked for or that it is true.
struct BlockBytes {
    BlockRequest block;    // the whole message; length 1 to request_bytes_max, piece and offset unchecked
    std::uint32_t at = 0;  // of these bytes in the block
    Bytes bytes;
    bool first() const { return at == 0; }
    bool complete() const { return at + bytes.size() == block.length; }
};

// BEP 52. base_layer: height above the leaves; index and length: in hashes of that layer; proof_layers:
// ancestor layers wanted, those inside the range counted too. Unchecked: see hash_exchange.h.
struct HashRequest {
    hash::Sha256 root{};
    std::uint32_t base_layer = 0;
    std::uint32_t index = 0;
    std::uint32_t length = 0;
    std::uint32_t proof_layers = 0;
    bool operator==(const HashRequest&) const = default;
};
struct Hashes {
    HashRequest request;
    Bytes hashes;  // 32 octets each: first those of the base layer, then the uncles upwards
};
struct HashReject {
    HashRequest request;
    bool operator==(const HashReject&) const = default;
};

}  // namespace spate::wire
