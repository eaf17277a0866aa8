#include "wire/write.h"

#include "wire/big_endian.h"

namespace spate::wire {
namespace {

void append_u32(Buffer& out, std::uint32_t value) {
    std::uint8_t octets[4];
    write_u32(octets, value);
    out.insert(out.end(), octets, octets + 4);
}
void append_bytes(Buffer& out, Bytes bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
}

// length: of what follows the id.
void begin(Buffer& out, MessageId id, std::size_t length = 0) {
    append_u32(out, static_cast<std::uint32_t>(1 + length));
    out.push_back(static_cast<std::uint8_t>(id));
}

void append_piece(Buffer& out, MessageId id, PieceIndex piece) {
    begin(out, id, 4);
    append_u32(out, piece.value);
}

void append_block(Buffer& out, MessageId id, const BlockRequest& block) {
    begin(out, id, 12);
    append_u32(out, block.piece.value);
    append_u32(out, block.offset);
    append_u32(out, block.length);
}

void append_hash_request(Buffer& out, MessageId id, const HashRequest& request, Bytes hashes = {}) {
    begin(out, id, request.root.size() + 16 + hashes.size());
    append_bytes(out, request.root);
    append_u32(out, request.base_layer);
    append_u32(out, request.index);
    append_u32(out, request.length);
    append_u32(out, request.proof_layers);
    append_bytes(out, hashes);
}

}  // namespace

void append_keep_alive(Buffer& out) {
    append_u32(out, 0);
}
void append(Buffer& out, const Choke&) {
    begin(out, MessageId::choke);
}
void append(Buffer& out, const Unchoke&) {
    begin(out, MessageId::unchoke);
}
void append(Buffer& out, const Interested&) {
    begin(out, MessageId::interested);
}
void append(Buffer& out, const NotInterested&) {
    begin(out, MessageId::not_interested);
}
void append(Buffer& out, const HaveAll&) {
    begin(out, MessageId::have_all);
}
void append(Buffer& out, const HaveNone&) {
    begin(out, MessageId::have_none);
}
void append(Buffer& out, const Have& message) {
    append_piece(out, MessageId::have, message.piece);
}
void append(Buffer& out, const SuggestPiece& message) {
    append_piece(out, MessageId::suggest_piece, message.piece);
}
void append(Buffer& out, const AllowedFast& message) {
    append_piece(out, MessageId::allowed_fast, message.piece);
}
void append(Buffer& out, const BitfieldMessage& message) {
    begin(out, MessageId::bitfield, message.bytes.size());
    append_bytes(out, message.bytes);
}
void append(Buffer& out, const Request& message) {
    append_block(out, MessageId::request, message.block);
}
void append(Buffer& out, const Cancel& message) {
    append_block(out, MessageId::cancel, message.block);
}
void append(Buffer& out, const Reject& message) {
    append_block(out, MessageId::reject_request, message.block);
}
void append(Buffer& out, const Port& message) {
    begin(out, MessageId::port, 2);
    std::uint8_t octets[2];
    write_u16(octets, message.port);
    out.insert(out.end(), octets, octets + 2);
}
void append(Buffer& out, const HashRequest& message) {
    append_hash_request(out, MessageId::hash_request, message);
}
void append(Buffer& out, const HashReject& message) {
    append_hash_request(out, MessageId::hash_reject, message.request);
}
void append(Buffer& out, const Hashes& message) {
    append_hash_request(out, MessageId::hashes, message.request, message.hashes);
}

std::array<std::uint8_t, piece_header_size> piece_header(const BlockRequest& block) {
    std::array<std::uint8_t, piece_header_size> header{};
    write_u32(header.data(), 9 + block.length);
    header[4] = static_cast<std::uint8_t>(MessageId::piece);
    write_u32(header.data() + 5, block.piece.value);
    write_u32(header.data() + 9, block.offset);
    return header;
}

void append_extended(Buffer& out, std::uint8_t id, Bytes payload, Bytes rest) {
    begin(out, MessageId::extended, 1 + payload.size() + rest.size());
    out.push_back(id);
    append_bytes(out, payload);
    append_bytes(out, rest);
}

void append_extended(Buffer& out, const ExtensionIds& peer, Extension extension, Bytes payload, Bytes rest) {
    if (peer.has(extension)) append_extended(out, peer.of(extension), payload, rest);
}

void append(Buffer& out, const ExtensionIds& peer, const DontHave& message) {
    std::uint8_t octets[4];
    write_u32(octets, message.piece.value);
    append_extended(out, peer, Extension::dont_have, octets);
}
void append(Buffer& out, const ExtensionIds& peer, const UploadOnly& message) {
    const std::uint8_t octet = message.value ? 1 : 0;
    append_extended(out, peer, Extension::upload_only, Bytes(&octet, 1));
}

}  // namespace spate::wire
