// UdpSocket: io::DatagramSocket; batches go through recvmmsg and sendmmsg, at most batch_max a system call.
// Thread: the loop's.
#pragma once

#include <memory>

#include "io/datagram.h"
#include "io/linux/descriptor.h"

namespace spate::io_linux {

class UdpSocket final : public io::DatagramSocket, private ReadyHandler {
  public:
    static constexpr std::size_t batch_max = 64;

    // `any_address`: bound to all addresses, and told with each datagram which one it was sent to.
    UdpSocket(Descriptor bound, bool any_address);
    void set_handler(io::DatagramHandler& handler) override { handler_ = &handler; }
    void wait_readable() override;
    void wait_writable() override;
    Result<std::size_t> receive(std::span<io::ReceivedDatagram> into) override;
    Result<std::size_t> send(std::span<const io::OutgoingDatagram> datagrams) override;
    Endpoint local() const override;

  private:
    void on_read_ready() override { handler_->on_datagrams_readable(); }
    void on_write_ready() override { handler_->on_datagrams_writable(); }
    // One system call; fewer than asked for: nothing more now.
    Result<std::size_t> receive_batch(std::span<io::ReceivedDatagram> into);
    Result<std::size_t> send_batch(std::span<const io::OutgoingDatagram> datagrams);

    Descriptor descriptor_;
    bool any_address_;
    io::DatagramHandler* handler_ = nullptr;
};

Result<std::unique_ptr<io::DatagramSocket>> open_udp(EventContext& context, const Endpoint& local);

}  // namespace spate::io_linux
