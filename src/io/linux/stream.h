// TcpStream: io::Stream on a connected, non-blocking socket. Sends without Nagle's delay and never raises
// SIGPIPE. Small on purpose: a tracker keeps thousands that do nothing (bench/idle_connections_bench.cpp
// measures it). Thread: the loop's.
#pragma once

#include <memory>

#include "io/linux/descriptor.h"
#include "io/stream.h"

namespace spate::io_linux {

class TcpStream final : public io::Stream, private ReadyHandler {
  public:
    TcpStream(Descriptor connected, const Endpoint& remote);

    void set_handler(io::StreamHandler& handler) override { handler_ = &handler; }
    void wait_readable() override;
    void wait_writable() override;
    Result<io::Transfer> read(MutableBytes into) override;
    Result<io::Transfer> write(std::span<const Bytes> parts) override;
    void limit_unsent(std::size_t bytes) override;
    std::size_t unconfirmed() const override;
    void shutdown_write() override;
    void abort() override;
    Endpoint local() const override;
    Endpoint remote() const override { return remote_; }

  private:
    void on_read_ready() override { handler_->on_readable(); }
    void on_write_ready() override { handler_->on_writable(); }

    Descriptor descriptor_;
    io::StreamHandler* handler_ = nullptr;
    Endpoint remote_;
};

// Both set TCP_NODELAY.
std::unique_ptr<io::Stream> make_stream(Descriptor connected, const Endpoint& remote);
Result<std::unique_ptr<io::Stream>> make_stream(EventContext& context, UniqueFd connected,
                                                const Endpoint& remote);

}  // namespace spate::io_linux
