// ResponseReader: the client's side: one Response out of bytes in any split; 1xx replies are passed over,
// bodies are counted (Content-Length), chunked or until the end of input; gzip and deflate are undone.
// Limits: limits.h, and body_bytes_max both as received and after inflating, which stops there
// (reliability.md 71, 72).
#pragma once

#include <memory>

#include "base/bytes.h"
#include "base/result.h"
#include "http/message.h"
#include "http/request_reader.h"

namespace spate::http {

class ResponseReader {
  public:
    // `method`: of the request: a reply to HEAD has no body.
    ResponseReader(Method method, std::size_t body_bytes_max);
    ~ResponseReader();
    ResponseReader(ResponseReader&&) noexcept;
    ResponseReader& operator=(ResponseReader&&) noexcept;

    // Bytes after the end of the response are left alone.
    ReadState feed(Bytes bytes);
    // No more bytes will come: completes a body that ends so, else it is an error.
    ReadState end_of_input();
    ReadState state() const;
    // Complete only; the body is decoded, so that Content-Encoding and Transfer-Encoding are gone from the
    // headers.
    Response take();
    // Refused only.
    const Error& error() const;

  private:
    class Parser;
    std::unique_ptr<Parser> parser_;
};

}  // namespace spate::http
