#include "http_client/tls_context.h"

#include <mutex>
#include <openssl/ssl.h>

namespace spate::http_client {

void TlsContext::Free::operator()(ssl_ctx_st* handle) const {
    SSL_CTX_free(handle);
}

Result<std::shared_ptr<const TlsContext>> TlsContext::of_system() {
    static std::mutex mutex;
    static std::shared_ptr<const TlsContext> made;
    const std::lock_guard guard(mutex);
    if (made) return made;
    Handle handle(SSL_CTX_new(TLS_client_method()));
    if (!handle || SSL_CTX_set_min_proto_version(handle.get(), TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_default_verify_paths(handle.get()) != 1)
        return fail(Error::invalid("begin", "TLS", "OpenSSL cannot be set up", std::errc::not_enough_memory));
    SSL_CTX_set_verify(handle.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_mode(handle.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    made = std::shared_ptr<const TlsContext>(new TlsContext(std::move(handle)));
    return made;
}

}  // namespace spate::http_client
