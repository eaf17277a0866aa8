#include "wire/extension_table.h"

#include <algorithm>
#include <array>

#include "wire/big_endian.h"
#include "wire/limits.h"

namespace spate::wire {
namespace {

constexpr std::array<ExtensionRow, extension_count> rows{{
    {Extension::dont_have, "lt_donthave", 4, read_dont_have},
    {Extension::upload_only, "upload_only", 16, read_upload_only},
    {Extension::metadata, "ut_metadata", metadata_message_bytes_max, read_metadata_message},
    {Extension::pex, "ut_pex", pex_message_bytes_max, read_pex_message},
}};
static_assert(std::ranges::is_sorted(rows, {}, &ExtensionRow::name),
              "the handshake is written in this order");

}  // namespace

std::span<const ExtensionRow> extension_rows() {
    return rows;
}

const ExtensionRow* extension_with_our_id(std::uint8_t id) {
    return id >= 1 && id <= rows.size() ? &rows[id - 1U] : nullptr;
}

CloseReason read_dont_have(Bytes payload, const ReadContext& context, std::vector<Event>& out) {
    if (payload.size() != 4) return CloseReason::bad_extension_message;
    const PieceIndex piece(read_u32(payload.data()));
    const std::uint32_t count = context.piece_count > 0 ? context.piece_count : metainfo::piece_count_max;
    if (piece.value >= count) return CloseReason::bad_piece_index;
    out.emplace_back(DontHave{piece});
    return CloseReason::none;
}

CloseReason read_upload_only(Bytes payload, const ReadContext&, std::vector<Event>& out) {
    if (payload.empty()) return CloseReason::bad_extension_message;
    out.emplace_back(UploadOnly{std::ranges::any_of(payload, [](std::uint8_t octet) { return octet != 0; })});
    return CloseReason::none;
}

}  // namespace spate::wire
