// GetReplyReader: a classic tracker's answer to GET, for the asking side: <REP GET BEGIN>, the tracker file's
// bytes, <REP GET END md5>. Sans-I/O, any split gives the same result. Lenient to other trackers:
// CRLF, blanks before
// `>`, no brackets, no MD5, an extra line end before the END line; it says exactly what it read.
// The END line is looked for at the start of a line; one that follows the file's last byte without a line end
// counts only when the input ends (a description may hold those words). One owner, one thread. Times out: the
// owner, who then calls end_of_input(). Memory: at most bytes_max and the lines around.
//
// Source: docs/protocols/classic.md.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "classic/tracker_reply_reader.h"

namespace spate::classic {

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
    void find_end_within_line();
    void finish(std::size_t file_size, std::string_view end_line);
    void stop(ReadState state, std::string detail);

    std::size_t bytes_max_;
    std::string buffer_;          // the BEGIN line until it is read, then from the file's first byte on
    std::size_t line_start_ = 0;  // of the line being looked at
    std::size_t scanned_ = 0;     // no line end between line_start_ and here
    std::size_t file_size_ = 0;
    std::string claimed_md5_;
    std::string detail_;
    ReadState state_ = ReadState::reading;
    bool begun_ = false;
};

}  // namespace spate::classic
