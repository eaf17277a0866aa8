// RequestReader: the server's side of HTTP/1.0 and 1.1: bytes in any split become one Request at a time, so
// that pipelined requests wait in the caller's buffer and never queue up. Strict, since lenient readers are
// smuggled through: refused are both or two of Content-Length and Transfer-Encoding, a signed length, folded
// lines, bare CR or LF, NUL and other controls, bodies on GET, HEAD, DELETE, a second Host. Limits: limits.h;
// a body only as large as the owner allows once the head is known; it grows as bytes arrive. Grammar by
// Boost.Beast, in the .cpp only.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "http/message.h"

namespace spate::http {

enum class ReadState { reading, complete, refused };

// What to answer before the connection is closed.
struct Refusal {
    unsigned status = 400;  // 400, 411, 413, 414, 417, 431, 501, 505
    std::string reason;     // for people
};

class RequestReader {
  public:
    // Asked once a head with a body is there: how many bytes of it are taken at most.
    using BodyLimit = std::function<std::size_t(const RequestHead&)>;

    explicit RequestReader(BodyLimit body_limit);  // none given: no bodies at all
    ~RequestReader();
    RequestReader(RequestReader&&) noexcept;
    RequestReader& operator=(RequestReader&&) noexcept;

    // Takes bytes up to the end of one request; how many. The rest is the next request's: feed it after
    // take().
    std::size_t feed(Bytes bytes);
    ReadState state() const;
    // Complete only; the reader then starts afresh.
    Request take();
    // Refused only; the reader stays so.
    const Refusal& refusal() const;

    // A request has begun and is not complete: what the time limit of a slow client counts from.
    bool begun() const;
    // Once a request, when its client waits for "100 Continue" before it sends the body: write continue_line.
    bool take_expect_continue();

  private:
    class Parser;
    std::unique_ptr<Parser> parser_;
};

inline constexpr std::string_view continue_line = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace spate::http
