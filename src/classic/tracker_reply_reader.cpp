#include "classic/tracker_reply_reader.h"

#include "base/printable.h"
#include "classic/classic_name.h"
#include "classic/fields.h"

namespace spate::classic {

Result<StatusReply> parse_status_reply(std::string_view text) {
    const MessageLine line = split_message(text);
    const std::size_t count = line.fields.size();
    const auto refuse = [&] {
        return fail(Error::invalid("read reply", "", "not the expected answer: " + printable(text)));
    };
    StatusReply reply;
    if (line.field_is(0, "createtracker") && count == 2) {
        reply.verb = StatusReply::Verb::create;
    } else if (line.field_is(0, "updatetracker") && (count == 2 || count == 3)) {
        reply.verb = StatusReply::Verb::update;
        if (count == 3) reply.name = line.at(1);
    } else {
        return refuse();
    }
    if (line.field_is(count - 1, "succ")) {
        reply.outcome = Outcome::succ;
    } else if (line.field_is(count - 1, "ferr")) {
        reply.outcome = Outcome::ferr;
    } else if (!line.field_is(count - 1, "fail")) {
        return refuse();
    }
    return reply;
}

ReadState ListReplyReader::feed(Bytes bytes) {
    if (state_ != ReadState::reading) return state_;
    const std::size_t room = limits_.bytes_max - fed_;
    const Bytes taken = bytes.first(std::min(bytes.size(), room));
    fed_ += taken.size();
    std::vector<FramedRequest> lines;
    framer_.feed(taken, TimePoint{}, lines);
    for (const FramedRequest& framed : lines) take_framed(framed);
    if (taken.size() < bytes.size()) stop(ReadState::failed, "the list is too long");
    return state_;
}

ReadState ListReplyReader::end_of_input() {
    std::vector<FramedRequest> lines;
    framer_.end_of_input(lines);
    for (const FramedRequest& framed : lines) take_framed(framed);
    stop(ReadState::failed, "the list ended before its END line");
    return state_;
}

void ListReplyReader::take_framed(const FramedRequest& framed) {
    if (state_ != ReadState::reading) return;
    if (framed.kind == FramedRequest::Kind::too_long) return stop(ReadState::failed, "a line is too long");
    const MessageLine line = split_message(framed.line);
    if (line.fields.empty()) return;  // an extra line end
    const bool list_line = line.field_is(0, "rep") && line.field_is(1, "list");
    if (list_line && line.field_is(2, "end")) return stop(ReadState::complete, {});
    if (begun_) return take_entry(line);
    if (!list_line) return stop(ReadState::refused, printable(line.body));
    begun_ = true;
    if (line.fields.size() == 2) return;
    claimed_ = parse_position(line.at(2));
    if (!claimed_) stop(ReadState::failed, "the number of entries is none: " + printable(line.body));
}

void ListReplyReader::take_entry(const MessageLine& line) {
    if (entries_.size() + skipped_ == limits_.entries_max) return stop(ReadState::failed, "too many entries");
    const auto skip = [&](std::string_view why) {
        if (skipped_++ == 0) first_skipped_ = std::string(why) + ": " + printable(line.body);
    };
    if (line.fields.size() < 3 || line.fields.size() > 4) return skip("not four fields");
    const auto size = parse_position(line.at(2));
    if (!parse_position(line.at(0))) return skip("no number in front");
    if (const auto fault = name_fault(line.at(1))) return skip(*fault);
    if (!size) return skip("the size is no number of bytes");
    if (has_control_byte(line.at(3)) || line.at(3).size() > md5_text_max) return skip("no md5");
    entries_.push_back({std::string(line.at(1)), *size, lower_case(line.at(3))});
}

void ListReplyReader::stop(ReadState state, std::string detail) {
    if (state_ != ReadState::reading) return;
    state_ = state;
    detail_ = std::move(detail);
}

}  // namespace spate::classic
