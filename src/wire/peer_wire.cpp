#include "wire/peer_wire.h"

#include <algorithm>

#include "base/assert.h"
#include "wire/big_endian.h"
#include "wire/extension_table.h"
#include "wire/limits.h"

namespace spate::wire {
namespace {

constexpr std::size_t kept_capacity = 64;  // for the heads of blocks and other short messages that are cut

PieceIndex piece_at(Bytes body) {
    return PieceIndex(read_u32(body.data()));
}
BlockRequest block_at(Bytes body) {
    return {piece_at(body), read_u32(body.data() + 4), read_u32(body.data() + 8)};
}

HashRequest hash_request_at(Bytes body) {
    HashRequest request;
    std::copy_n(body.begin(), request.root.size(), request.root.begin());
    const std::uint8_t* numbers = body.data() + request.root.size();
    request.base_layer = read_u32(numbers);
    request.index = read_u32(numbers + 4);
    request.length = read_u32(numbers + 8);
    request.proof_layers = read_u32(numbers + 12);
    return request;
}
constexpr std::size_t hash_request_size = 32 + 4 * 4;

bool needs_fast(MessageId id) {
    return id == MessageId::have_all || id == MessageId::have_none || id == MessageId::suggest_piece ||
           id == MessageId::allowed_fast || id == MessageId::reject_request;
}

// What may come before bitfield, have all, have none.
bool may_precede_bitfield(MessageId id) {
    switch (id) {
        case MessageId::choke:
        case MessageId::unchoke:
        case MessageId::interested:
        case MessageId::not_interested:
        case MessageId::port:
        case MessageId::suggest_piece:
        case MessageId::allowed_fast:
        case MessageId::extended:
            return true;
        default:
            return false;
    }
}

// No bit beyond the torrent's last piece.
bool spare_bits_are_zero(Bytes bits, std::uint32_t piece_count) {
    const std::uint32_t used = piece_count % 8;
    return used == 0 || bits.empty() || (bits.back() & (0xffU >> used)) == 0;
}

}  // namespace

PeerWire::PeerWire(const WireOptions& options) : options_(options) {
    SPATE_ASSERT(options.piece_count <= metainfo::piece_count_max);
}

void PeerWire::set_piece_count(std::uint32_t count) {
    SPATE_ASSERT(count > 0 && count <= metainfo::piece_count_max);
    options_.piece_count = count;
}

Result<void, WireError> PeerWire::feed(Bytes bytes, std::vector<Event>& out) {
    whole_.clear();
    if (whole_.capacity() > kept_capacity) whole_ = {};
    while (!bytes.empty() && error_.reason == CloseReason::none) {
        if (block_at_ < block_.length) {
            bytes = take_block_bytes(bytes, out);
        } else if (skip_ > 0) {
            bytes = pass_over(bytes);
        } else if (!partial_.empty()) {
            bytes = take_cut_frame(bytes, out);
        } else {
            const Frame frame = look_at(bytes, rules());
            if (frame.kind == Frame::Kind::cut) {
                partial_.reserve(kept_capacity);
                partial_.assign(bytes.begin(), bytes.end());
                break;
            }
            take_frame(frame, bytes.first(frame.size), out);
            bytes = bytes.subspan(frame.size);
        }
    }
    if (error_.reason != CloseReason::none) return fail(error_);
    return {};
}

Bytes PeerWire::take_block_bytes(Bytes bytes, std::vector<Event>& out) {
    const std::size_t size = std::min<std::size_t>(bytes.size(), block_.length - block_at_);
    out.emplace_back(BlockBytes{block_, block_at_, bytes.first(size)});
    block_at_ += static_cast<std::uint32_t>(size);
    return bytes.subspan(size);
}

Bytes PeerWire::pass_over(Bytes bytes) {
    const std::size_t size = std::min<std::size_t>(bytes.size(), skip_);
    skip_ -= static_cast<std::uint32_t>(size);
    return bytes.subspan(size);
}

Bytes PeerWire::take_cut_frame(Bytes bytes, std::vector<Event>& out) {
    Frame frame = look_at(partial_, rules());
    while (frame.kind == Frame::Kind::cut) {
        const std::size_t size = std::min(bytes.size(), frame.size - partial_.size());
        partial_.insert(partial_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
        bytes = bytes.subspan(size);
        if (partial_.size() < frame.size) return bytes;
        frame = look_at(partial_, rules());
    }
    whole_.swap(partial_);
    take_frame(frame, whole_, out);
    return bytes;
}

void PeerWire::take_frame(const Frame& frame, Bytes octets, std::vector<Event>& out) {
    const auto id = static_cast<MessageId>(frame.id);
    constexpr std::size_t head = 5;  // length and id
    CloseReason reason = frame.reason;
    switch (frame.kind) {
        case Frame::Kind::cut:
        case Frame::Kind::refused:
        case Frame::Kind::keep_alive:
            break;
        case Frame::Kind::unknown:
            skip_ = frame.rest;
            break;
        case Frame::Kind::block:
            block_ = {piece_at(octets.subspan(head)), read_u32(octets.data() + head + 4), frame.length - 9};
            block_at_ = 0;
            have_over_ = true;
            break;
        case Frame::Kind::message:
            reason = needs_fast(id) && !options_.fast ? CloseReason::fast_not_negotiated
                                                      : take_message(id, octets.subspan(head), out);
            if (!may_precede_bitfield(id)) have_over_ = true;
            break;
    }
    if (reason != CloseReason::none) error_ = {reason, frame.id, frame.length};
}

CloseReason PeerWire::take_message(MessageId id, Bytes body, std::vector<Event>& out) {
    switch (id) {
        case MessageId::choke:
            out.emplace_back(Choke{});
            break;
        case MessageId::unchoke:
            out.emplace_back(Unchoke{});
            break;
        case MessageId::interested:
            out.emplace_back(Interested{});
            break;
        case MessageId::not_interested:
            out.emplace_back(NotInterested{});
            break;
        case MessageId::have:
            if (!is_inside(piece_at(body))) return CloseReason::bad_piece_index;
            out.emplace_back(Have{piece_at(body)});
            break;
        case MessageId::bitfield:
        case MessageId::have_all:
        case MessageId::have_none:
            return take_first_have(id, body, out);
        case MessageId::request:
            out.emplace_back(Request{block_at(body)});
            break;
        case MessageId::cancel:
            out.emplace_back(Cancel{block_at(body)});
            break;
        case MessageId::reject_request:
            out.emplace_back(Reject{block_at(body)});
            break;
        case MessageId::port:
            out.emplace_back(Port{read_u16(body.data())});
            break;
        case MessageId::suggest_piece:
            if (is_inside(piece_at(body)) && suggestions_ < suggestions_max) {
                ++suggestions_;
                out.emplace_back(SuggestPiece{piece_at(body)});
            }
            break;
        case MessageId::allowed_fast:
            if (is_inside(piece_at(body)) && allowed_fast_ < allowed_fast_taken_max) {
                ++allowed_fast_;
                out.emplace_back(AllowedFast{piece_at(body)});
            }
            break;
        case MessageId::extended:
            return take_extended(body, out);
        case MessageId::hash_request:
            out.emplace_back(hash_request_at(body));
            break;
        case MessageId::hashes:
            out.emplace_back(Hashes{hash_request_at(body), body.subspan(hash_request_size)});
            break;
        case MessageId::hash_reject:
            out.emplace_back(HashReject{hash_request_at(body)});
            break;
        case MessageId::piece:
            SPATE_ASSERT(false);  // a block's frame
    }
    return CloseReason::none;
}

CloseReason PeerWire::take_first_have(MessageId id, Bytes body, std::vector<Event>& out) {
    if (have_over_ && (id != MessageId::bitfield || late_bitfields_++ == late_bitfields_max))
        return CloseReason::bitfield_not_first;
    if (id == MessageId::have_all) {
        out.emplace_back(HaveAll{});
    } else if (id == MessageId::have_none) {
        out.emplace_back(HaveNone{});
    } else {
        if (!spare_bits_are_zero(body, options_.piece_count)) return CloseReason::bad_bitfield;
        out.emplace_back(BitfieldMessage{body});
    }
    return CloseReason::none;
}

CloseReason PeerWire::take_extended(Bytes body, std::vector<Event>& out) {
    const Bytes payload = body.subspan(1);
    if (body[0] == 0) return read_extension_handshake(payload, peer_extensions_, out);
    return extension_with_our_id(body[0])->read(payload, {options_.piece_count}, out);
}

// As long as the count is not known, whatever a torrent may have is inside.
bool PeerWire::is_inside(PieceIndex piece) const {
    return piece.value < (options_.piece_count > 0 ? options_.piece_count : metainfo::piece_count_max);
}

}  // namespace spate::wire
