// RequestFramer: cuts the bytes of one connection into request lines. Used by the tracker, by a
// serving peer, and by a peer that waits for a one-line reply. Sans-I/O; one owner, one thread.
//
// A request ends at LF; at `>` when its first byte (blanks aside) was `<`; after `quiet` without more bytes
// (`bracket_quiet` for one with `<`, as its `>` may be in a packet that has to be sent again, and half a
// request names another range); at the end of input. The end itself is not part of the line, but the `>` is.
// A line end, blanks, CRs and NULs that follow a request which `>` or the quiet had already ended belong to
// it and are swallowed; any other empty line is a request of its own (and the parser calls it unknown). All
// of NUL is carried: what a line may hold is the parser's business. Pipelined requests come out one after the
// other. Without brackets and line ends nothing but time parts two requests: what comes within the quiet time
// is one request. The result depends on the bytes and on when they came, never on how reads cut them: a quiet
// time that passed before a feed() counts as if on_timeout() had been called. Memory: about 80 bytes idle,
// plus the bytes of one unfinished line, at most line_max. A longer line is reported once; the framer is then
// dead and drops all that follows.
//
// Source: docs/protocols/classic.md.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"

namespace spate::classic {

struct FramedRequest {
    enum class Kind : std::uint8_t { line, too_long };
    enum class EndedBy : std::uint8_t { line_end, bracket, quiet, end_of_input };
    Kind kind = Kind::line;
    EndedBy ended_by = EndedBy::line_end;
    std::string line;  // empty for too_long
    bool operator==(const FramedRequest&) const = default;
};

class RequestFramer {
  public:
    static constexpr std::uint32_t default_line_max = 8 * 1024;  // bytes
    static constexpr Duration default_quiet = std::chrono::milliseconds{300};
    static constexpr Duration bracket_quiet = std::chrono::seconds{5};

    explicit RequestFramer(std::uint32_t line_max = default_line_max, Duration quiet = default_quiet)
        : quiet_(quiet), line_max_(line_max) {}

    // Appends what became complete; at most one request a byte. `now` never goes back.
    void feed(Bytes bytes, TimePoint now, std::vector<FramedRequest>& out);
    void on_timeout(TimePoint now, std::vector<FramedRequest>& out);
    // When the quiet time of the unfinished line is over; `never` when there is none.
    TimePoint next_timeout() const;
    // The other side sent its last byte: an unfinished line is complete.
    void end_of_input(std::vector<FramedRequest>& out);

    std::size_t buffered() const { return line_.size(); }  // bytes of the unfinished line
    bool dead() const { return dead_; }                    // a line was too long

  private:
    void take_byte(char byte, std::vector<FramedRequest>& out);
    void finish(FramedRequest::EndedBy ended_by, std::vector<FramedRequest>& out);

    std::string line_;
    TimePoint last_byte_{};
    Duration quiet_;
    std::uint32_t line_max_;
    bool bracketed_ = false;   // the first byte that is no blank is `<`
    bool begun_ = false;       // a byte that is no blank came
    bool swallowing_ = false;  // the line end of a request that is already out may follow
    bool dead_ = false;
};

}  // namespace spate::classic
