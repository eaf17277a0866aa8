#include "classic/chunk_request.h"

#include "base/assert.h"
#include "base/printable.h"
#include "classic/advertising_plan.h"
#include "classic/base64.h"
#include "classic/classic_name.h"
#include "classic/fields.h"

namespace spate::classic {
namespace {

ChunkRequestLine numbers_of(ChunkForm form, std::optional<std::string_view> name, std::string_view first,
                            std::string_view second) {
    const auto refuse = [&](std::string reason) { return BadChunkRequest{form, std::move(reason)}; };
    if (name) {
        if (const auto fault = name_fault(*name)) return refuse("name: " + std::string(*fault));
    }
    const auto a = parse_position(first);
    const auto b = parse_position(second);
    if (!a || !b)
        return refuse("not two numbers of bytes: " + printable(first, 40) + ", " + printable(second, 40));
    ChunkRequest request{form, std::nullopt, *a, *b};
    if (name) request.name = std::string(*name);
    return request;
}

ChunkRequestLine parse_get(const MessageLine& line) {
    if (line.fields.size() == 5 && line.field_is(1, "seg")) {
        return numbers_of(ChunkForm::segment, line.at(2), line.at(3), line.at(4));
    }
    if (line.fields.size() == 3) {
        if (!parse_position(line.at(1))) return BadChunkRequest{ChunkForm::get, "no range"};
        return numbers_of(ChunkForm::nameless, std::nullopt, line.at(1), line.at(2));
    }
    if (line.fields.size() != 4) return BadChunkRequest{ChunkForm::get, "not a name and two numbers"};
    if (line.at(3).starts_with('+')) {
        return numbers_of(ChunkForm::plus, line.at(1), line.at(2), line.at(3).substr(1));
    }
    return numbers_of(line.opened ? ChunkForm::get : ChunkForm::bare_get, line.at(1), line.at(2), line.at(3));
}

// The rules in chunk_request.h. The range may be nonsense; the caller checks it.
ResolvedChunk resolve_get(const ChunkRequest& request, std::uint64_t file_size) {
    const std::uint64_t s = request.first;
    const std::uint64_t t = request.second;
    const ByteRange exclusive{s, t};
    const ByteRange inclusive{s, t + 1};
    const std::uint64_t distance = t > s ? t - s : 0;
    if (t == file_size || distance == chunk_bytes_max) return {request.form, exclusive};
    if (distance == chunk_bytes_max - 1 || t + 1 == file_size) return {request.form, inclusive};
    if (t <= s && t > 0) {
        return {request.form == ChunkForm::bare_get ? ChunkForm::bare_length : request.form,
                ByteRange{s, s + t}};
    }
    return {request.form, request.form == ChunkForm::get ? inclusive : exclusive};
}

ResolvedChunk resolve_unchecked(const ChunkRequest& request, std::uint64_t file_size) {
    const std::uint64_t s = request.first;
    const std::uint64_t t = request.second;
    switch (request.form) {
        case ChunkForm::get:
        case ChunkForm::bare_get:
            return resolve_get(request, file_size);
        case ChunkForm::getchunk:
        case ChunkForm::nameless:
            return {request.form, ByteRange{s, t}};
        case ChunkForm::bare_getchunk:
            return {request.form, ByteRange{s, t + 1}};
        case ChunkForm::segment:
        case ChunkForm::plus:
        case ChunkForm::bare_length:
            return {request.form, ByteRange{s, s + t}};
        case ChunkForm::original_file:
            return {request.form, AdvertisingPlan(file_size, static_cast<int>(s)).share()};
    }
    return {request.form, std::nullopt};
}

}  // namespace

ChunkRequestLine parse_chunk_request(std::string_view text) {
    const MessageLine line = split_message(text);
    const bool get = line.field_is(0, "get");
    const bool getchunk = line.field_is(0, "getchunk");
    if (has_control_byte(line.body) || line.cut_short()) {
        const ChunkForm form = getchunk && !line.opened ? ChunkForm::bare_getchunk : ChunkForm::get;
        return BadChunkRequest{form, line.cut_short() ? "no closing bracket" : "control byte"};
    }
    if (get) return parse_get(line);
    if (getchunk) {
        const ChunkForm form = line.opened ? ChunkForm::getchunk : ChunkForm::bare_getchunk;
        if (line.fields.size() != 4) return BadChunkRequest{form, "not a name and two numbers"};
        return numbers_of(form, line.at(1), line.at(2), line.at(3));
    }
    const std::string_view word = line.at(0);
    if (line.fields.size() == 1 && word.size() == 5 && starts_ignoring_case(word, "file") && word[4] >= '1' &&
        word[4] <= '5') {
        return ChunkRequest{ChunkForm::original_file, std::nullopt, static_cast<std::uint64_t>(word[4] - '0'),
                            0};
    }
    return BadChunkRequest{ChunkForm::get, "unknown request: " + printable(line.body, 80)};
}

ResolvedChunk resolve_chunk_request(const ChunkRequest& request, std::uint64_t file_size) {
    ResolvedChunk chunk = resolve_unchecked(request, file_size);
    const ByteRange range = chunk.range.value_or(ByteRange{});
    const bool too_long = chunk.form != ChunkForm::original_file && range.size() > chunk_bytes_max;
    if (range.empty() || range.end > file_size || too_long) chunk.range.reset();
    return chunk;
}

bool keeps_connection_open(ChunkForm form) {
    return form == ChunkForm::bare_length || form == ChunkForm::plus;
}

ChunkReplyDress chunk_reply_dress(ChunkForm form, ByteRange range) {
    const std::string count = std::to_string(range.size());
    switch (form) {
        case ChunkForm::get:
        case ChunkForm::bare_get:
        case ChunkForm::original_file:
            return {};
        case ChunkForm::getchunk:
            return {"<REP CHUNK " + count + ">\n", ""};
        case ChunkForm::bare_getchunk:
            return {"OK " + std::to_string(range.start) + ' ' + std::to_string(range.end - 1) + '\n', ""};
        case ChunkForm::segment:
            return {"<GET GOT " + count + ">\n", ""};
        case ChunkForm::nameless:
            return {"<REP GET BEGIN>\n", "<REP GET END>\n"};
        case ChunkForm::bare_length:
            return {"REP GET BEGIN", "REP GET END"};
        case ChunkForm::plus:
            return {"<GET ok " + count + ">\n", ""};
    }
    return {};
}

std::string write_chunk_reply(ChunkForm form, ByteRange range, Bytes data) {
    SPATE_ASSERT(!range.empty() && data.size() == range.size());
    ChunkReplyDress dress = chunk_reply_dress(form, range);
    std::string reply = std::move(dress.header);
    if (form == ChunkForm::segment) {
        reply += to_base64(data);
    } else {
        reply += as_text(data);
    }
    return reply + dress.trailer;
}

std::string write_chunk_refusal(ChunkForm form, std::string_view reason) {
    switch (form) {
        case ChunkForm::bare_getchunk:
            return "ERR " + printable(reason) + '\n';
        case ChunkForm::nameless:
            return "<REP GET INVALID>\n";
        case ChunkForm::plus:
            return "<GET error>\n";
        default:
            return "<GET invalid>\n";
    }
}

}  // namespace spate::classic
