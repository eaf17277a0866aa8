// LinuxNetwork: io::Network over the kernel's sockets. With a source, all connections are made from that
// address, and datagram sockets that would be at any address are at that one; what cannot be reached from it
// is an error. Thread: the loop's. Owner: Loop.
#pragma once

#include <optional>

#include "io/network.h"
#include "io/reactor.h"

namespace spate::io_linux {

struct EventContext;

class LinuxNetwork final : public io::Network {
  public:
    LinuxNetwork(EventContext& context, io::Reactor& reactor) : context_(context), reactor_(reactor) {}

    std::unique_ptr<io::Pending> connect(const Endpoint& remote, io::ConnectCallback on_done) override;
    Result<std::unique_ptr<io::Listener>> listen(const Endpoint& local,
                                                 io::ListenerHandler& handler) override;
    Result<std::unique_ptr<io::DatagramSocket>> open_datagram(const Endpoint& local) override;

    void set_source(const std::optional<Address>& source) { source_ = source; }
    const std::optional<Address>& source() const { return source_; }

  private:
    EventContext& context_;
    io::Reactor& reactor_;
    std::optional<Address> source_;
};

}  // namespace spate::io_linux
