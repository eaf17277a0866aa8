// Readers of a classic tracker's status and list replies, for the asking side (the one for tracker files is
// in get_reply_reader.h). Sans-I/O: fed any split of the stream they give the same result. Lenient to other
// trackers (CRLF, blanks before `>`, no brackets, a missing MD5), but each says exactly what it read. A
// tracker may lie: every line, count and total is capped, names are checked, and no memory is taken by a
// claimed number. One owner, one thread. Times out: the owner, who then calls end_of_input().
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "classic/fields.h"
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
    void take_framed(const FramedRequest& framed);
    void take_entry(const MessageLine& line);
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

}  // namespace spate::classic
