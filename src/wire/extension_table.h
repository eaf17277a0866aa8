// The table of extensions (BEP 10): name, how long a message may be, what reads it. A new one is a row in
// extension_table.cpp, a value in Extension and a file with its reader. Internal to wire.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "bencode/reader.h"
#include "wire/close_reason.h"
#include "wire/event.h"

namespace spate::wire {

struct ReadContext {
    std::uint32_t piece_count = 0;  // 0: not known
};
// Appends at most one event; a reason other than none closes.
using ReadExtension = CloseReason (*)(Bytes payload, const ReadContext& context, std::vector<Event>& out);

struct ExtensionRow {
    Extension extension;
    std::string_view name;  // the table's order: ascending
    std::uint32_t payload_max;
    ReadExtension read;
    // What we want it sent with.
    std::uint8_t our_id() const { return static_cast<std::uint8_t>(static_cast<unsigned>(extension) + 1); }
};

std::span<const ExtensionRow> extension_rows();
const ExtensionRow* extension_with_our_id(std::uint8_t id);  // or nullptr

// For the bencoded part of extended messages.
inline constexpr bencode::Limits extension_bencode_limits{.depth_max = 10, .nodes_max = 2000};

// The handshake (extended message 0). Adds to `ids`.
CloseReason read_extension_handshake(Bytes payload, ExtensionIds& ids, std::vector<Event>& out);

CloseReason read_metadata_message(Bytes payload, const ReadContext& context, std::vector<Event>& out);
CloseReason read_pex_message(Bytes payload, const ReadContext& context, std::vector<Event>& out);
CloseReason read_dont_have(Bytes payload, const ReadContext& context, std::vector<Event>& out);
CloseReason read_upload_only(Bytes payload, const ReadContext& context, std::vector<Event>& out);

}  // namespace spate::wire
