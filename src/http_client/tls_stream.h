// TlsStream: an io::Stream over TLS: what is read and written passes a TlsSession, its records another
// stream. The handshake begins at once; until it is done writing blocks. A certificate that is not accepted
// is an error of read() and write(). Owner: HttpExchange. Thread: the reactor's.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "http_client/tls_session.h"
#include "io/reactor.h"
#include "io/stream.h"

namespace spate::http_client {

class TlsStream final : public io::Stream, private io::StreamHandler {
  public:
    TlsStream(io::Reactor& reactor, std::unique_ptr<io::Stream> below,
              std::shared_ptr<const TlsContext> context, const std::string& host);
    ~TlsStream() override;

    void set_handler(io::StreamHandler& handler) override { handler_ = &handler; }
    void wait_readable() override;
    void wait_writable() override;
    Result<io::Transfer> read(MutableBytes into) override;
    Result<io::Transfer> write(std::span<const Bytes> parts) override;
    void limit_unsent(std::size_t bytes) override { below_->limit_unsent(bytes); }
    std::size_t unconfirmed() const override { return unsent_.size() + below_->unconfirmed(); }
    void shutdown_write() override;
    void abort() override { below_->abort(); }
    Endpoint local() const override { return below_->local(); }
    Endpoint remote() const override { return below_->remote(); }

  private:
    void on_readable() override;
    void on_writable() override;
    void flush();
    // Tells the owner what it waits for, if that came true; else goes on waiting below.
    void tell();
    void tell_later();

    io::Reactor& reactor_;
    std::unique_ptr<io::Stream> below_;
    TlsSession session_;
    io::StreamHandler* handler_ = nullptr;
    std::vector<std::uint8_t> unsent_;
    bool wants_read_ = false;
    bool wants_write_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace spate::http_client
