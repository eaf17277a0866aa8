#include "classic/chunk_client.h"

#include <algorithm>

#include "base/assert.h"
#include "classic/classic_name.h"

namespace spate::classic {
namespace {

// Without the line end.
std::string request_text(ChunkForm form, std::string_view name, ByteRange range) {
    const std::string file(name);
    const std::string start = std::to_string(range.start);
    const std::string end = std::to_string(range.end);
    const std::string last = std::to_string(range.end - 1);
    const std::string count = std::to_string(range.size());
    switch (form) {
        case ChunkForm::get:
            return "<GET " + file + ' ' + start + ' ' + last + ">";
        case ChunkForm::bare_get:
            return "GET " + file + ' ' + start + ' ' + end;
        case ChunkForm::getchunk:
            return "<GETCHUNK " + file + ' ' + start + ' ' + end + ">";
        case ChunkForm::bare_getchunk:
            return "GETCHUNK " + file + ' ' + start + ' ' + last;
        case ChunkForm::segment:
            return "<GET SEG " + file + ' ' + start + ' ' + count + '>';
        case ChunkForm::nameless:
            return "<GET " + start + ' ' + end + ">";
        case ChunkForm::bare_length:
            return "GET " + file + ' ' + start + ' ' + count;
        case ChunkForm::plus:
            return "<GET " + file + ' ' + start + " +" + count + ">";
        case ChunkForm::original_file:
            break;
    }
    return {};
}

// Whether the rules of chunk_request.h read the request as just this range.
bool means(std::string_view text, ByteRange range, std::uint64_t file_size) {
    const ChunkRequestLine line = parse_chunk_request(text);
    const auto* request = std::get_if<ChunkRequest>(&line);
    return request != nullptr && resolve_chunk_request(*request, file_size).range == range;
}

}  // namespace

std::optional<ChunkAsk> write_chunk_request(ChunkForm form, std::string_view name, ByteRange wanted,
                                            ByteRange available, std::uint64_t file_size) {
    SPATE_ASSERT(form != ChunkForm::original_file && is_clean_name(name));
    SPATE_ASSERT(!wanted.empty() && available.start <= wanted.start && wanted.end <= available.end &&
                 available.end <= file_size);
    const std::uint64_t s = wanted.start;
    const std::uint64_t e = s + std::min(wanted.size(), chunk_bytes_max);
    // The range itself, one byte more on either side, one less; and for a bare length, which is known by
    // being no greater than the start, as much as the start allows.
    const std::array<ByteRange, 5> candidates{
        ByteRange{s, e}, {s, e + 1}, {s > 0 ? s - 1 : s, e}, {s, e - 1}, {s, s + std::min(e - s, s)}};
    for (const ByteRange candidate : candidates) {
        if (candidate.empty() || candidate.start < available.start || candidate.end > available.end) continue;
        std::string text = request_text(form, name, candidate);
        if (!means(text, candidate, file_size)) continue;
        if (form != ChunkForm::segment) text += '\n';
        return ChunkAsk{std::move(text), candidate};
    }
    return std::nullopt;
}

}  // namespace spate::classic
