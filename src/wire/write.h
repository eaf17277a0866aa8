// Messages as octets, appended to a buffer. What reads them is PeerWire. A block's data is not copied: its
// 13 octets of header and the data go out as two parts of one gathered write. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "wire/extension_messages.h"
#include "wire/message.h"

namespace spate::wire {

using Buffer = std::vector<std::uint8_t>;

void append_keep_alive(Buffer& out);
void append(Buffer& out, const Choke& message);
void append(Buffer& out, const Unchoke& message);
void append(Buffer& out, const Interested& message);
void append(Buffer& out, const NotInterested& message);
void append(Buffer& out, const Have& message);
void append(Buffer& out, const BitfieldMessage& message);
void append(Buffer& out, const Request& message);
void append(Buffer& out, const Cancel& message);
void append(Buffer& out, const Reject& message);
void append(Buffer& out, const Port& message);
void append(Buffer& out, const SuggestPiece& message);
void append(Buffer& out, const HaveAll& message);
void append(Buffer& out, const HaveNone& message);
void append(Buffer& out, const AllowedFast& message);
void append(Buffer& out, const HashRequest& message);
void append(Buffer& out, const Hashes& message);
void append(Buffer& out, const HashReject& message);

inline constexpr std::size_t piece_header_size = 13;
std::array<std::uint8_t, piece_header_size> piece_header(const BlockRequest& block);

// offered: the extensions with their ids, as in WireOptions.
void append(Buffer& out, const ExtensionHandshake& message, ExtensionSet offered);

// With the id that the peer gave (PeerWire::peer_extensions). Nothing is written when it gave none.
void append(Buffer& out, const ExtensionIds& peer, const MetadataRequest& message);
void append(Buffer& out, const ExtensionIds& peer, const MetadataData& message);
void append(Buffer& out, const ExtensionIds& peer, const MetadataReject& message);
void append(Buffer& out, const ExtensionIds& peer, const Pex& message);
void append(Buffer& out, const ExtensionIds& peer, const DontHave& message);
void append(Buffer& out, const ExtensionIds& peer, const UploadOnly& message);

// What those above are made of. The payload may come in two parts.
void append_extended(Buffer& out, std::uint8_t id, Bytes payload, Bytes rest = {});
void append_extended(Buffer& out, const ExtensionIds& peer, Extension extension, Bytes payload,
                     Bytes rest = {});

}  // namespace spate::wire
