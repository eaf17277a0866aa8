#include "http_client/tls_session.h"

#include <algorithm>
#include <limits>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/assert.h"
#include "base/endpoint.h"

namespace spate::http_client {
namespace {

int as_int(std::size_t size) {
    return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

}  // namespace

void TlsSession::Free::operator()(ssl_st* handle) const {
    SSL_free(handle);
}

TlsSession::TlsSession(std::shared_ptr<const TlsContext> context, const std::string& host)
    : context_(std::move(context)), host_(host), handle_(SSL_new(context_->handle())) {
    BIO* in = BIO_new(BIO_s_mem());
    BIO* out = BIO_new(BIO_s_mem());
    SPATE_ASSERT(handle_ && in != nullptr && out != nullptr);
    BIO_set_mem_eof_return(in, -1);  // empty: more may come
    SSL_set_bio(handle_.get(), in, out);
    SSL_set_connect_state(handle_.get());
    bool set = true;
    if (Address::parse(host_)) {
        set = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(handle_.get()), host_.c_str()) == 1;
    } else {
        SSL_set_hostflags(handle_.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        set = SSL_set1_host(handle_.get(), host_.c_str()) == 1 &&
              SSL_set_tlsext_host_name(handle_.get(), host_.c_str()) == 1;
    }
    if (!set)
        error_ = Error::invalid("connect over TLS to", host_, "a certificate cannot be for that host");
    else
        begin_or_go_on();
}

TlsSession::~TlsSession() = default;

void TlsSession::feed(Bytes records) {
    if (records.empty() || error_) return;
    const int taken = BIO_write(SSL_get_rbio(handle_.get()), records.data(), as_int(records.size()));
    SPATE_ASSERT(std::cmp_equal(taken, records.size()));
    begin_or_go_on();
}

void TlsSession::end_of_input() {
    input_ended_ = true;
    BIO_set_mem_eof_return(SSL_get_rbio(handle_.get()), 0);
    begin_or_go_on();
}

void TlsSession::output(std::vector<std::uint8_t>& out) {
    BIO* bio = SSL_get_wbio(handle_.get());
    const std::size_t before = out.size();
    out.resize(before + BIO_ctrl_pending(bio));
    if (out.size() == before) return;
    const int got = BIO_read(bio, out.data() + before, as_int(out.size() - before));
    out.resize(before + static_cast<std::size_t>(std::max(0, got)));
}

void TlsSession::begin_or_go_on() {
    if (error_ || SSL_is_init_finished(handle_.get()) == 1) return;
    ERR_clear_error();
    const int result = SSL_do_handshake(handle_.get());
    if (result != 1) static_cast<void>(outcome(result).has_value());  // an error is remembered
}

Result<io::Transfer> TlsSession::read(MutableBytes into) {
    if (error_) return fail(*error_);
    ERR_clear_error();
    return outcome(SSL_read(handle_.get(), into.data(), as_int(into.size())));
}

Result<io::Transfer> TlsSession::write(Bytes bytes) {
    if (error_) return fail(*error_);
    if (!writable()) return io::Transfer{.would_block = true};
    ERR_clear_error();
    return outcome(SSL_write(handle_.get(), bytes.data(), as_int(bytes.size())));
}

bool TlsSession::readable() {
    if (error_) return true;
    ERR_clear_error();
    std::uint8_t octet = 0;
    const auto seen = outcome(SSL_peek(handle_.get(), &octet, 1));
    return !seen || !seen->would_block;
}

bool TlsSession::writable() {
    return error_ || (SSL_is_init_finished(handle_.get()) == 1 &&
                      BIO_ctrl_pending(SSL_get_wbio(handle_.get())) < output_max);
}

void TlsSession::close() {
    if (!error_ && SSL_is_init_finished(handle_.get()) == 1) SSL_shutdown(handle_.get());
}

Result<io::Transfer> TlsSession::outcome(int result) {
    if (result > 0) return io::Transfer{.count = static_cast<std::size_t>(result)};
    const int kind = SSL_get_error(handle_.get(), result);
    if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE) return io::Transfer{.would_block = true};
    if (kind == SSL_ERROR_ZERO_RETURN) return io::Transfer{.at_end = true};
    error_ = fault(kind);
    return fail(*error_);
}

Error TlsSession::fault(int kind) const {
    const auto refused = [this](std::string why, std::errc code) {
        return Error::invalid("connect over TLS to", host_, std::move(why), code);
    };
    const auto code = ERR_peek_error();
    const bool is_cut =
        kind == SSL_ERROR_SYSCALL ||
        (ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING);
    if (is_cut || (input_ended_ && code == 0))
        return refused("the connection was cut off", std::errc::connection_reset);
    if (const long verdict = SSL_get_verify_result(handle_.get()); verdict != X509_V_OK) {
        std::string why =
            std::string("its certificate is not accepted: ") + X509_verify_cert_error_string(verdict);
        if (verdict == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY)
            why += " (trusted are the system's, or those in the file that SSL_CERT_FILE names)";
        return refused(std::move(why), std::errc::permission_denied);
    }
    const char* reason = ERR_reason_error_string(code);
    return refused(reason == nullptr ? "it does not speak TLS"
                                     : "it does not speak TLS as we do: " + std::string(reason),
                   std::errc::protocol_error);
}

}  // namespace spate::http_client
