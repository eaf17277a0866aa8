// SimNetwork and SimResolver: one process's io::Network and io::Resolver over the NetworkModel.
#pragma once

#include <memory>

#include "io/network.h"
#include "sim/life.h"
#include "sim/network_model.h"

namespace spate::sim {

class SimNetwork final : public io::Network {
  public:
    SimNetwork(NetworkModel& network, NodeId node, std::shared_ptr<Life> life)
        : network_(network), node_(node), life_(std::move(life)) {}

    std::unique_ptr<io::Pending> connect(const Endpoint& remote, io::ConnectCallback on_done) override;
    Result<std::unique_ptr<io::Listener>> listen(const Endpoint& local,
                                                 io::ListenerHandler& handler) override;
    Result<std::unique_ptr<io::DatagramSocket>> open_datagram(const Endpoint& local) override;

  private:
    // The endpoint to bind with its port chosen, or why not.
    template <class Ports>
    Result<Endpoint> bind(const Endpoint& local, const Ports& taken, const char* operation);

    NetworkModel& network_;
    NodeId node_;
    std::shared_ptr<Life> life_;
};

class SimResolver final : public io::Resolver {
  public:
    SimResolver(NetworkModel& network, NodeId node, std::shared_ptr<Life> life)
        : network_(network), node_(node), life_(std::move(life)) {}
    std::unique_ptr<io::Pending> resolve(const std::string& host, io::ResolveCallback on_done) override;

  private:
    Result<std::vector<Address>> answer(const std::string& host);
    NetworkModel& network_;
    NodeId node_;
    std::shared_ptr<Life> life_;
};

}  // namespace spate::sim
