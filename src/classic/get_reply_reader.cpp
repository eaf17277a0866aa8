#include "classic/get_reply_reader.h"

#include <algorithm>
#include <optional>

#include "base/printable.h"
#include "classic/fields.h"

namespace spate::classic {
namespace {

constexpr std::size_t message_line_max = 256;  // of the BEGIN and the END line
constexpr std::string_view end_marker = "REP GET END";

// Whether a line that starts as `text` does is an END line.
enum class EndLine { no, perhaps, yes };

EndLine looks_like_end(std::string_view text, bool at_end) {
    if (text.starts_with('<')) text.remove_prefix(1);
    const std::size_t there = std::min(text.size(), end_marker.size());
    if (!equal_ignoring_case(text.substr(0, there), end_marker.substr(0, there))) return EndLine::no;
    if (text.size() > end_marker.size()) {
        const char next = text[end_marker.size()];
        return is_blank(next) || next == '\r' || next == '\n' || next == '>' ? EndLine::yes : EndLine::no;
    }
    if (!at_end) return EndLine::perhaps;
    return there == end_marker.size() ? EndLine::yes : EndLine::no;
}

}  // namespace

ReadState GetReplyReader::feed(Bytes bytes) {
    if (state_ != ReadState::reading) return state_;
    buffer_.append(as_text(bytes));
    if (!begun_ && !take_begin(false)) return state_;
    scan(false);
    if (buffer_.size() > bytes_max_ + message_line_max)
        stop(ReadState::failed, "the tracker file is too long");
    return state_;
}

ReadState GetReplyReader::end_of_input() {
    if (state_ != ReadState::reading) return state_;
    if (!begun_ && !take_begin(true)) return state_;
    scan(true);
    if (state_ == ReadState::reading) find_end_within_line();
    stop(ReadState::failed, "the reply ended before its END line");
    return state_;
}

// True when the BEGIN line is there, and then gone from the buffer.
bool GetReplyReader::take_begin(bool at_end) {
    const std::size_t first = std::min(buffer_.find_first_not_of(" \t\r\n"), buffer_.size());
    const std::size_t end = std::min(buffer_.find_first_of(">\n", first), buffer_.size());
    if (end >= message_line_max) {
        stop(ReadState::refused, printable(buffer_.substr(first, message_line_max)));
        return false;
    }
    if (end == buffer_.size() && !at_end) return false;
    const MessageLine line = split_message(std::string_view(buffer_).substr(first, end - first));
    const bool begins = line.field_is(0, "rep") && line.field_is(1, "get") && line.field_is(2, "begin");
    if (!begins || line.fields.size() != 3) {
        const bool empty = line.fields.empty();
        stop(empty ? ReadState::failed : ReadState::refused, empty ? "no reply" : printable(line.body));
        return false;
    }
    std::size_t body = end + 1;
    if (end < buffer_.size() && buffer_[end] == '>') {  // the line end that follows belongs to the BEGIN line
        const std::string_view rest = std::string_view(buffer_).substr(body);
        if (!at_end && (rest.empty() || rest == "\r")) return false;
        if (rest.starts_with('\n')) body += 1;
        if (rest.starts_with("\r\n")) body += 2;
    }
    buffer_.erase(0, std::min(body, buffer_.size()));
    begun_ = true;
    return true;
}

void GetReplyReader::scan(bool at_end) {
    while (true) {
        const std::string_view line = std::string_view(buffer_).substr(line_start_);
        const EndLine look = looks_like_end(line, at_end);
        if (look == EndLine::perhaps) return;
        if (look == EndLine::yes) {
            const std::size_t end = std::min(line.find_first_of(">\n"), line.size());
            if (end < message_line_max) {
                if (end < line.size() || at_end) finish(line_start_, line.substr(0, end));
                return;
            }
        }
        const std::size_t line_end = buffer_.find('\n', std::max(line_start_, scanned_));
        scanned_ = buffer_.size();
        if (line_end == std::string::npos) return;
        line_start_ = line_end + 1;
        scanned_ = line_start_;
    }
}

// The last one in the reply: earlier ones are words of the file.
void GetReplyReader::find_end_within_line() {
    const std::string_view text = buffer_;
    for (std::size_t at = text.rfind('<');
         at != std::string_view::npos && text.size() - at <= message_line_max;
         at = at == 0 ? std::string_view::npos : text.rfind('<', at - 1)) {
        const std::string_view line = text.substr(at);
        if (looks_like_end(line, true) != EndLine::yes) continue;
        return finish(at, line.substr(0, line.find_first_of(">\n")));
    }
}

// end_line: without its `>` or line end.
void GetReplyReader::finish(std::size_t file_size, std::string_view end_line) {
    if (file_size > bytes_max_) return stop(ReadState::failed, "the tracker file is too long");
    const MessageLine line = split_message(end_line);
    claimed_md5_ = lower_case(line.at(3));
    file_size_ = file_size;
    stop(ReadState::complete, {});
}

std::array<std::string_view, 2> GetReplyReader::readings() const {
    std::string_view shorter = file();
    if (!shorter.ends_with('\n')) return {file(), {}};
    shorter.remove_suffix(1);
    if (shorter.ends_with('\r')) shorter.remove_suffix(1);
    return {file(), shorter};
}

void GetReplyReader::stop(ReadState state, std::string detail) {
    if (state_ != ReadState::reading) return;
    state_ = state;
    detail_ = std::move(detail);
}

}  // namespace spate::classic
