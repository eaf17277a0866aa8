#include "classic/chunk_reply_reader.h"

#include <algorithm>
#include <array>

#include "base/assert.h"
#include "base/printable.h"
#include "classic/base64.h"
#include "classic/fields.h"

namespace spate::classic {
namespace {

constexpr std::size_t header_max = 256;  // bytes; an ERR text may be long
constexpr std::size_t skipped_max = 8;
constexpr std::size_t segment_blanks_max = 512;  // base64 may come in lines
constexpr std::size_t raw_refusal_max = 32;      // "<ERROR unknown command>" and a line end, and some room
constexpr std::string_view bare_begin = "REP GET BEGIN";

bool is_refusal(std::string_view text) {
    const MessageLine line = split_message(text.substr(0, text.find('\n')));
    const std::size_t count = line.fields.size();
    if (line.field_is(0, "err") || line.field_is(0, "error")) return true;
    if (line.field_is(0, "rep")) return count == 3 && line.field_is(1, "get") && line.field_is(2, "invalid");
    return count == 2 && line.field_is(0, "get") &&
           (line.field_is(1, "invalid") || line.field_is(1, "error"));
}

// A raw reply that is one line and that a refusal. When the size is right, only the refusals in brackets
// count: data may well begin with "err".
bool is_raw_refusal(std::string_view body, std::size_t asked) {
    const std::string_view line = body.substr(0, body.find_last_not_of("\r\n") + 1);
    if (line.find('\n') != std::string_view::npos || !is_refusal(line)) return false;
    return body.size() < asked || (body.size() <= raw_refusal_max && line.starts_with('<'));
}

// Whether more bytes could make a refusal of it.
bool may_become_refusal(std::string_view body) {
    constexpr std::array<std::string_view, 8> refusals{
        "<get invalid",     "get invalid",     "<get error", "get error",
        "<rep get invalid", "rep get invalid", "<err",       "err"};
    return std::ranges::any_of(refusals, [&](std::string_view refusal) {
        return body.size() <= refusal.size() && equal_ignoring_case(body, refusal.substr(0, body.size()));
    });
}

std::string_view trailer_of(ChunkForm form) {
    return form == ChunkForm::nameless ? "<REP GET END>" : "REP GET END";
}

}  // namespace

ChunkReplyReader::ChunkReplyReader(ChunkForm form, ByteRange asked) : form_(form), asked_(asked) {
    SPATE_ASSERT(form != ChunkForm::original_file && !asked.empty() && asked.size() <= chunk_bytes_max);
    if (!is_raw()) return;
    in_body_ = true;
    body_max_ = std::max<std::size_t>(asked.size(), raw_refusal_max) + 1;
}

bool ChunkReplyReader::is_raw() const {
    return form_ == ChunkForm::get || form_ == ChunkForm::bare_get;
}
bool ChunkReplyReader::is_framed() const {
    return form_ == ChunkForm::nameless || form_ == ChunkForm::bare_length;
}

std::size_t ChunkReplyReader::feed(Bytes bytes) {
    std::size_t taken = 0;
    while (taken < bytes.size() && verdict_ == ChunkVerdict::reading) {
        if (in_body_) {
            taken += take_body(bytes.subspan(taken));
        } else {
            take_header_byte(static_cast<char>(bytes[taken++]));
        }
    }
    return taken;
}

void ChunkReplyReader::take_header_byte(char byte) {
    const bool line_end = byte == '\n' || byte == '\r';
    if (header_.empty() && line_end) {  // left over from the reply before
        if (++skipped_ > skipped_max) decide(ChunkVerdict::malformed);
        return;
    }
    if (byte == '\n') return read_header();
    header_ += byte;
    if (form_ == ChunkForm::bare_length && equal_ignoring_case(header_, bare_begin)) return read_header();
    if (byte == '>' && is_refusal(header_)) return decide(ChunkVerdict::refused);
    if (header_.size() == header_max)
        decide(is_refusal(header_) ? ChunkVerdict::refused : ChunkVerdict::malformed);
}

void ChunkReplyReader::read_header() {
    const MessageLine line = split_message(header_);
    const std::size_t count = line.fields.size();
    const auto number = [&](std::size_t i) { return parse_position(line.at(i)); };
    if (is_refusal(header_)) return decide(ChunkVerdict::refused);
    if (is_framed()) {
        if (!equal_ignoring_case(line.body, bare_begin)) return decide(ChunkVerdict::malformed);
        in_body_ = true;
        body_max_ = asked_.size() + trailer_of(form_).size();
        return;
    }
    if (form_ == ChunkForm::bare_getchunk) {
        const auto last = number(2);
        const bool ours =
            count == 3 && line.field_is(0, "ok") && number(1) == asked_.start && last >= asked_.start;
        return ours ? count_is(*last - asked_.start + 1) : decide(ChunkVerdict::malformed);
    }
    const bool rep = form_ == ChunkForm::getchunk;
    const std::string_view word = rep ? "chunk" : form_ == ChunkForm::segment ? "got" : "ok";
    const bool ours =
        count == 3 && line.field_is(0, rep ? "rep" : "get") && line.field_is(1, word) && number(2);
    return ours ? count_is(*number(2)) : decide(ChunkVerdict::malformed);
}

// What the peer says it sends. For a segment that may also be the length of the base64 text.
void ChunkReplyReader::count_is(std::uint64_t bytes) {
    const bool segment = form_ == ChunkForm::segment;
    if (segment && bytes == base64_length(asked_.size())) bytes = asked_.size();
    if (bytes > asked_.size()) return decide(ChunkVerdict::too_long);
    if (bytes == 0) return decide(ChunkVerdict::short_end);
    in_body_ = true;
    body_max_ = segment ? base64_length(bytes) : bytes;
}

std::size_t ChunkReplyReader::take_body(Bytes bytes) {
    std::size_t taken = 0;
    if (form_ == ChunkForm::segment) {
        while (taken < bytes.size() && body_.size() < body_max_) {
            const char c = static_cast<char>(bytes[taken++]);
            if (!is_blank(c) && c != '\n' && c != '\r') {
                body_ += c;
            } else if (++skipped_ > segment_blanks_max) {
                decide(ChunkVerdict::malformed);
                return taken;
            }
        }
    } else {
        taken = std::min(bytes.size(), body_max_ - body_.size());
        body_ += as_text(bytes.first(taken));
    }
    if (body_.size() == body_max_) body_is_full();
    return taken;
}

void ChunkReplyReader::body_is_full() {
    if (is_raw()) return finish_raw();
    if (is_framed()) return finish_framed();
    if (form_ == ChunkForm::segment) return finish_segment();
    data_size_ = body_max_;
    decide(data_size_ == asked_.size() ? ChunkVerdict::complete : ChunkVerdict::short_end);
}

void ChunkReplyReader::end_of_input() {
    if (verdict_ != ChunkVerdict::reading) return;
    ended_ = true;
    if (!in_body_) {
        if (header_.empty()) return decide(ChunkVerdict::short_end);
        return decide(is_refusal(header_) ? ChunkVerdict::refused : ChunkVerdict::malformed);
    }
    if (is_raw()) return finish_raw();
    if (is_framed()) return finish_framed();
    if (form_ == ChunkForm::segment) return finish_segment();
    data_size_ = body_.size();
    decide(ChunkVerdict::short_end);
}

void ChunkReplyReader::finish_raw() {
    const std::size_t size = body_.size();
    if (is_raw_refusal(body_, asked_.size())) return decide(ChunkVerdict::refused);
    data_size_ = std::min<std::size_t>(size, asked_.size());
    if (size > asked_.size()) return decide(ChunkVerdict::too_long);
    decide(size == asked_.size() ? ChunkVerdict::complete : ChunkVerdict::short_end);
}

// Full, or ended before: then the trailer, if it came, is not data.
void ChunkReplyReader::finish_framed() {
    const std::string_view trailer = trailer_of(form_);
    std::string_view body = body_;
    if (!ended_) {
        data_size_ = asked_.size();
        const bool fits = equal_ignoring_case(body.substr(data_size_), trailer);
        return decide(fits ? ChunkVerdict::complete : ChunkVerdict::too_long);
    }
    body = body.substr(0, body.find_last_not_of("\r\n") + 1);
    if (body.size() >= trailer.size() &&
        equal_ignoring_case(body.substr(body.size() - trailer.size()), trailer)) {
        data_size_ = body.size() - trailer.size();
    } else {
        data_size_ = std::min<std::size_t>(body_.size(), asked_.size());
    }
    decide(ChunkVerdict::short_end);
}

void ChunkReplyReader::finish_segment() {
    const auto decoded = from_base64(body_);
    if (!decoded || decoded->size() > asked_.size()) {
        return decide(decoded ? ChunkVerdict::too_long : ChunkVerdict::malformed);
    }
    body_ = *decoded;
    data_size_ = body_.size();
    decide(data_size_ == asked_.size() ? ChunkVerdict::complete : ChunkVerdict::short_end);
}

bool ChunkReplyReader::awaits_only_close() const {
    return is_raw() && verdict_ == ChunkVerdict::reading && body_.size() == asked_.size() &&
           !may_become_refusal(body_);
}

std::string_view ChunkReplyReader::data() const {
    const bool valid = verdict_ == ChunkVerdict::complete || verdict_ == ChunkVerdict::short_end;
    return std::string_view(body_).substr(0, valid ? data_size_ : 0);
}

bool ChunkReplyReader::out_of_step() const {
    return ended_ || verdict_ == ChunkVerdict::too_long || verdict_ == ChunkVerdict::malformed ||
           (is_raw() && verdict_ != ChunkVerdict::reading);
}

std::string ChunkReplyReader::detail() const {
    return printable(in_body_ ? std::string_view(body_).substr(0, 80) : std::string_view(header_), 80);
}

}  // namespace spate::classic
