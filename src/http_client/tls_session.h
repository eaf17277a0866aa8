// TlsSession: a client's TLS connection as a machine without I/O, over OpenSSL: records in and out on one
// side, the application's bytes on the other. The certificate must be trusted (TlsContext) and for the host,
// by name or address; until that is known nothing of the application's leaves or arrives. The first error
// stays. An end of input without the other side's goodbye is an error: what came may have been cut off.
// Randomness and the calendar are OpenSSL's own. Limits: what is written waits for output() to take it, at
// most output_max and a record. Owner: TlsStream. Thread: its owner's.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "http_client/tls_context.h"
#include "io/stream.h"

struct ssl_st;

namespace spate::http_client {

class TlsSession {
  public:
    static constexpr std::size_t output_max = 64 * 1024;

    TlsSession(std::shared_ptr<const TlsContext> context, const std::string& host);
    ~TlsSession();
    TlsSession(const TlsSession&) = delete;
    TlsSession& operator=(const TlsSession&) = delete;

    void feed(Bytes records);
    void end_of_input();
    // Appends records to be sent.
    void output(std::vector<std::uint8_t>& out);

    // As io::Stream has them. Nothing can be written before the handshake is done.
    Result<io::Transfer> read(MutableBytes into);
    Result<io::Transfer> write(Bytes bytes);
    // read() or write() would not say would_block.
    bool readable();
    bool writable();
    // Says goodbye.
    void close();

  private:
    struct Free {
        void operator()(ssl_st* handle) const;
    };
    // What OpenSSL's return value means; remembers an error.
    Result<io::Transfer> outcome(int result);
    void begin_or_go_on();
    Error fault(int kind) const;

    std::shared_ptr<const TlsContext> context_;
    const std::string host_;
    std::unique_ptr<ssl_st, Free> handle_;
    std::optional<Error> error_;
    bool input_ended_ = false;
};

}  // namespace spate::http_client
