#include "classic/request_framer.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "classic/fields.h"

namespace spate::classic {

void RequestFramer::feed(Bytes bytes, TimePoint now, std::vector<FramedRequest>& out) {
    on_timeout(now, out);
    if (bytes.empty()) return;
    last_byte_ = now;
    for (const std::uint8_t byte : bytes) {
        if (dead_) return;
        take_byte(static_cast<char>(byte), out);
    }
}

void RequestFramer::on_timeout(TimePoint now, std::vector<FramedRequest>& out) {
    if (now >= next_timeout()) finish(FramedRequest::EndedBy::quiet, out);
}

TimePoint RequestFramer::next_timeout() const {
    if (line_.empty()) return never;
    return last_byte_ + (bracketed_ ? std::max(quiet_, bracket_quiet) : quiet_);
}

void RequestFramer::end_of_input(std::vector<FramedRequest>& out) {
    if (!line_.empty()) finish(FramedRequest::EndedBy::end_of_input, out);
}

void RequestFramer::take_byte(char byte, std::vector<FramedRequest>& out) {
    if (swallowing_) {
        if (is_blank(byte) || byte == '\r' || byte == '\0') return;
        swallowing_ = false;
        if (byte == '\n') return;
    }
    if (byte == '\n') return finish(FramedRequest::EndedBy::line_end, out);
    if (line_.size() == line_max_) {
        dead_ = true;
        line_ = {};
        out.push_back({FramedRequest::Kind::too_long, FramedRequest::EndedBy::line_end, {}});
        return;
    }
    line_.push_back(byte);
    if (!begun_ && !is_blank(byte) && byte != '\r') {
        begun_ = true;
        bracketed_ = byte == '<';
    }
    if (bracketed_ && byte == '>') finish(FramedRequest::EndedBy::bracket, out);
}

void RequestFramer::finish(FramedRequest::EndedBy ended_by, std::vector<FramedRequest>& out) {
    out.push_back({FramedRequest::Kind::line, ended_by, std::exchange(line_, {})});
    begun_ = false;
    bracketed_ = false;
    swallowing_ = ended_by != FramedRequest::EndedBy::line_end;
}

}  // namespace spate::classic
