// Asking other peers for chunks: the requests. The replies are read by chunk_reply_reader.h (one a
// connection) and chunk_reply_pipeline.h (many, between our own peers). Pure functions; any thread.
//
// Order of asking: `<GET f s e>` first, which is the specification's; a peer that refuses or answers nonsense
// is asked in the next form of chunk_form_fallbacks. Peers known to be ours are asked with `plus`, many at a
// time on one connection. A request never has two meanings: if the range asked would be read differently by
// the rules of chunk_request.h, a neighbouring range is asked instead.
//
// Source: docs/protocols/classic.md.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/range_set.h"
#include "classic/chunk_reply_pipeline.h"
#include "classic/chunk_reply_reader.h"
#include "classic/chunk_request.h"

namespace spate::classic {

inline constexpr std::array chunk_form_fallbacks{
    ChunkForm::get,           ChunkForm::plus,    ChunkForm::bare_get, ChunkForm::getchunk,
    ChunkForm::bare_getchunk, ChunkForm::segment, ChunkForm::nameless, ChunkForm::bare_length,
};

struct ChunkAsk {
    std::string text;  // the whole request, its line end included where the form has one
    ByteRange asked;   // what the reply will hold: overlaps `wanted`, but may be a byte wider or narrower
    bool operator==(const ChunkAsk&) const = default;
};
// wanted: not empty, inside `available`; at most the first 1024 bytes of it are asked. available: what the
// peer is believed to have, inside the file. Nothing when this form cannot ask for any of it without
// ambiguity: take another form. Not for original_file. Asserts a clean name.
std::optional<ChunkAsk> write_chunk_request(ChunkForm form, std::string_view name, ByteRange wanted,
                                            ByteRange available, std::uint64_t file_size);

}  // namespace spate::classic
