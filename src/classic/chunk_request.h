// Requests for chunks between peers (docs/protocols/classic.md), the serving side: every form that was seen,
// what range it means, and the reply in the form's own dress. Frame requests with a RequestFramer. Pure
// functions; any thread.
//
// What a request means. The keyword decides first: SEG, GETCHUNK, `+n`, no name; these have one meaning each.
// A GET with name and two numbers s and t is read by the first of these rules that fits:
//   1. t = size, or t - s = 1024:       exclusive, [s, t)
//   2. t - s = 1023, or t = size - 1:   inclusive, [s, t]
//   3. t <= s (and t > 0):              a length, [s, s + t)
//   4. in brackets: inclusive; bare: exclusive.
// So `<GET f 1024 1024>` is the last byte of a file of 1025 bytes and a chunk of 1024 in a bigger one: our
// own side asks so for a last byte only (chunk_client.h). A bare length is answered in its form's own dress,
// all other readings raw. Refused: an empty range, one that reaches beyond the file, more than 1024 bytes.
// Never clamped: who asks for more than there is has another file in mind.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/bytes.h"
#include "base/range_set.h"

namespace spate::classic {

inline constexpr std::uint64_t chunk_bytes_max = 1024;

enum class ChunkForm {
    get,            // <GET f s e>       raw, then close
    bare_get,       // GET f s e         raw, then close
    getchunk,       // <GETCHUNK f s e>  exclusive; <REP CHUNK n> LF data
    bare_getchunk,  // GETCHUNK f s e    inclusive; OK s e LF data
    segment,        // <GET SEG f s n>   <GET GOT n> LF base64
    nameless,       // <GET s e>         exclusive; <REP GET BEGIN> LF data <REP GET END> LF
    bare_length,    // GET f s n         REP GET BEGIN data REP GET END, stays open
    plus,           // <GET f s +n>      <GET ok n> LF data, stays open: our own peers among themselves
    original_file,  // file1 to file5    a fifth of the file, raw, then close
};

struct ChunkRequest {
    ChunkForm form = ChunkForm::get;  // bare_get also for what may turn out to be a bare_length
    std::optional<std::string> name;  // clean; nothing: the one file the peer shares
    std::uint64_t first = 0;          // first number; original_file: 1 to 5
    std::uint64_t second = 0;
    bool operator==(const ChunkRequest&) const = default;
};
struct BadChunkRequest {
    ChunkForm form = ChunkForm::get;  // in whose dress to refuse
    std::string reason;               // for the log, printable
    bool operator==(const BadChunkRequest&) const = default;
};
using ChunkRequestLine = std::variant<ChunkRequest, BadChunkRequest>;

ChunkRequestLine parse_chunk_request(std::string_view line);

// What to send, and in which dress. range: nothing when the request must be refused whatever the peer has.
// Whether the peer has (or has announced) the range is the owner's to check.
struct ResolvedChunk {
    ChunkForm form = ChunkForm::get;
    std::optional<ByteRange>
        range;  // not empty, within the file, at most chunk_bytes_max (original_file: a fifth)
    bool operator==(const ResolvedChunk&) const = default;
};
ResolvedChunk resolve_chunk_request(const ChunkRequest& request, std::uint64_t file_size);

// Whether the connection stays open after a reply in this form, good or refusal.
bool keeps_connection_open(ChunkForm form);

// A reply is header, then the data as they are (write_chunk_reply encodes segment's), then trailer.
struct ChunkReplyDress {
    std::string header;
    std::string trailer;
};
ChunkReplyDress chunk_reply_dress(ChunkForm form, ByteRange range);
// The whole reply; data.size() == range.size() (asserted).
std::string write_chunk_reply(ChunkForm form, ByteRange range, Bytes data);
// reason: for the one form that carries a text; control bytes are made printable.
std::string write_chunk_refusal(ChunkForm form, std::string_view reason);

}  // namespace spate::classic
