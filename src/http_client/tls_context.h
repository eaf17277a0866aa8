// TlsContext: whom we believe over TLS: the system's certificates (the folder and file OpenSSL was built
// with, or SSL_CERT_FILE and SSL_CERT_DIR), TLS 1.2 at least. One for the whole process. Immutable; any
// thread.
#pragma once

#include <memory>

#include "base/result.h"

struct ssl_ctx_st;

namespace spate::http_client {

class TlsContext {
  public:
    // Reads files when it is first asked for: blocking, a WorkPool job.
    static Result<std::shared_ptr<const TlsContext>> of_system();

    ssl_ctx_st* handle() const { return handle_.get(); }

  private:
    struct Free {
        void operator()(ssl_ctx_st* handle) const;
    };
    using Handle = std::unique_ptr<ssl_ctx_st, Free>;
    explicit TlsContext(Handle handle) : handle_(std::move(handle)) {}

    Handle handle_;
};

}  // namespace spate::http_client
