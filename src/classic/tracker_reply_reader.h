// Readers of a classic tracker's replies, for the asking side. Sans-I/O: fed any split of the stream they
// give the same result. Lenient to other trackers (CRLF, blanks before `>`, no brackets, a missing MD5), but
// each says exactly what it read. A tracker may lie: every line, count and total is capped, names are
// checked, and no memory is taken by a claimed number. One owner, one thread. Times out: the owner, who then
// calls end_of_input().
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "classic/request_framer.h"
#include "classic/tracker_reply.h"

namespace spate::classic {

// The one-line replies of createtracker and updatetracker. Frame them with a RequestFramer.
struct StatusReply {
    enum class Verb { create, update };
    Verb verb = Verb::create;
    std::string name;  // update: as echoed, may be empty (some trackers leave it out); not checked
    Outcome outcome = Outcome::fail;
    bool operator==(const StatusReply&) const = default;
};
// Fails for anything else; the error's detail holds the line, printable.
Result<StatusReply> parse_status_reply(std::string_view line);

enum class ReadState {
    reading,   // feed more
    complete,  // all there; further bytes are ignored
    refused,   // the tracker answered with something else: detail() holds its first line, printable
    failed,    // cut short, too long or nonsense: detail() says what
};

struct ListReplyLimits {
    std::size_t entries_max = 100'000;
    std::size_t bytes_max = 32 * 1024 * 1024;
};

class ListReplyReader {
  public:
    explicit ListReplyReader(ListReplyLimits limits = {}) : limits_(limits) {}

    ReadState feed(Bytes bytes);
    ReadState end_of_input();

    ReadState state() const { return state_; }
    const std::string& detail() const { return detail_; }
    // In the order sent; only clean names with a size that fits. Valid in every state: what was read so far.
    const std::vector<ListEntry>& entries() const { return entries_; }
    // The X of <REP LIST X>; nothing when the tracker sent none. It may differ from what came.
    std::optional<std::uint64_t> claimed() const { return claimed_; }
    std::size_t skipped() const { return skipped_; }                     // lines that were no entry
    const std::string& first_skipped() const { return first_skipped_; }  // the first one and why, printable

  private:
    void take_line(std::string_view line);
    void take_first_line(std::string_view line);
    void take_entry(std::string_view line);
    void skip(std::string_view line, std::string_view why);
    void stop(ReadState state, std::string detail);

    ListReplyLimits limits_;
    RequestFramer framer_;
    std::vector<ListEntry> entries_;
    std::optional<std::uint64_t> claimed_;
    std::size_t fed_ = 0;
    std::size_t skipped_ = 0;
    std::string first_skipped_;
    std::string detail_;
    ReadState state_ = ReadState::reading;
    bool begun_ = false;
};

// <REP GET BEGIN>, the tracker file, <REP GET END md5>. The END is looked for at the start of a line; one
// that follows the file's last byte without a line end counts only when the input ends (a description may
// hold those words).
class GetReplyReader {
  public:
    // bytes_max: of the tracker file; the default is what tracker_file.h reads.
    explicit GetReplyReader(std::size_t bytes_max = 4 * 1024 * 1024) : bytes_max_(bytes_max) {}

    ReadState feed(Bytes bytes);
    ReadState end_of_input();

    ReadState state() const { return state_; }
    const std::string& detail() const { return detail_; }
    // Exactly the bytes between the BEGIN line and the END line. Valid when complete; a view into the reader.
    std::string_view file() const { return std::string_view(buffer_).substr(0, file_size_); }
    // What the claimed MD5 may be of, most likely first: the bytes as sent, and without one last line end,
    // which some trackers add. The second is empty when there is none. The caller checks, and keeps the one
    // that fits.
    std::array<std::string_view, 2> readings() const;
    // The text in the END line, lower case, not checked; empty when the tracker sent none.
    const std::string& claimed_md5() const { return claimed_md5_; }

  private:
    bool take_begin(bool at_end);
    void scan(bool at_end);
    bool take_end(std::size_t marker, bool at_end);
    void stop(ReadState state, std::string detail);

    std::size_t bytes_max_;
    std::string buffer_;  // the reply from the file's first byte on (before that, the BEGIN line)
    std::size_t line_start_ = 0;
    std::size_t scanned_ = 0;
    std::size_t file_size_ = 0;
    std::string claimed_md5_;
    std::string detail_;
    ReadState state_ = ReadState::reading;
    bool begun_ = false;
};

}  // namespace spate::classic
