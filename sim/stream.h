// SimStream: one side of a Connection as the seam's Stream.
#pragma once

#include <memory>

#include "sim/connection.h"
#include "sim/ready_wait.h"

namespace spate::sim {

class SimStream final : public io::Stream, private SocketObserver {
  public:
    SimStream(std::shared_ptr<Life> life, std::shared_ptr<Connection> connection, Side side);
    ~SimStream() override;
    SimStream(const SimStream&) = delete;
    SimStream& operator=(const SimStream&) = delete;

    void set_handler(io::StreamHandler& handler) override { handler_ = &handler; }
    void wait_readable() override { readable_.arm(); }
    void wait_writable() override { writable_.arm(); }
    Result<io::Transfer> read(MutableBytes into) override;
    Result<io::Transfer> write(std::span<const Bytes> parts) override {
        return connection_->write(side_, parts);
    }
    void limit_unsent(std::size_t bytes) override { connection_->limit_unsent(side_, bytes); }
    std::size_t unconfirmed() const override { return connection_->unconfirmed(side_); }
    void shutdown_write() override { connection_->shutdown_write(side_); }
    void abort() override;
    Endpoint local() const override { return connection_->endpoint(side_); }
    Endpoint remote() const override { return connection_->endpoint(other(side_)); }

  private:
    void socket_changed() override;

    std::shared_ptr<Connection> connection_;
    Side side_;
    io::StreamHandler* handler_ = nullptr;
    ReadyWait readable_;
    ReadyWait writable_;
};

}  // namespace spate::sim
