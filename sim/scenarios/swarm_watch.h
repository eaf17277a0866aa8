// WatchedNetwork: the network a member of a swarm is given: every stream is the world's own, with a
// Conversation that listens on it.
#pragma once

#include <memory>

#include "io/network.h"
#include "sim/scenarios/swarm_conversation.h"

namespace spate::sim {

class WatchedNetwork final : public io::Network {
  public:
    WatchedNetwork(io::Network& inner, std::shared_ptr<MemberTruth> truth)
        : inner_(inner), truth_(std::move(truth)) {}

    std::unique_ptr<io::Pending> connect(const Endpoint& remote, io::ConnectCallback on_done) override;
    Result<std::unique_ptr<io::Listener>> listen(const Endpoint& local,
                                                 io::ListenerHandler& handler) override;
    Result<std::unique_ptr<io::DatagramSocket>> open_datagram(const Endpoint& local) override {
        return inner_.open_datagram(local);
    }

  private:
    io::Network& inner_;
    std::shared_ptr<MemberTruth> truth_;
};

}  // namespace spate::sim
