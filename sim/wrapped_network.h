// WrappedNetwork: another network, whose streams the program gets in a wrapper: what watches or counts is
// made of it. Thread: the reactor's. Owner: whoever gives a program its world; the inner network outlives it.
#pragma once

#include <functional>
#include <memory>

#include "io/network.h"

namespace spate::sim {

struct StreamWrapper {
    std::function<std::unique_ptr<io::Stream>(std::unique_ptr<io::Stream>)> wrap;
    // Runs what tells the program of a stream; empty: nothing around it.
    std::function<void(const std::function<void()>&)> telling = {};

    void tell(const std::function<void()>& run) const { telling ? telling(run) : run(); }
};

class WrappedNetwork final : public io::Network {
  public:
    WrappedNetwork(io::Network& inner, StreamWrapper wrapper) : inner_(inner), wrapper_(std::move(wrapper)) {}

    std::unique_ptr<io::Pending> connect(const Endpoint& remote, io::ConnectCallback on_done) override;
    Result<std::unique_ptr<io::Listener>> listen(const Endpoint& local,
                                                 io::ListenerHandler& handler) override;
    Result<std::unique_ptr<io::DatagramSocket>> open_datagram(const Endpoint& local) override {
        return inner_.open_datagram(local);
    }

  private:
    io::Network& inner_;
    StreamWrapper wrapper_;
};

}  // namespace spate::sim
