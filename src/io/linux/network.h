// LinuxNetwork: io::Network over the kernel's sockets. Thread: the loop's. Owner: Loop.
#pragma once

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

  private:
    EventContext& context_;
    io::Reactor& reactor_;
};

}  // namespace spate::io_linux
