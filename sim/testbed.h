// Testbed: one simulated world: a Simulation, a network and hosts, owned in the order they may go in. What a
// test or a scenario starts from.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/host.h"
#include "sim/network_model.h"
#include "sim/simulation.h"

namespace spate::sim {

// What a scenario draws unless it is said by hand (spate-sim --peers, --bytes); 0: draw it.
struct ScenarioSize {
    std::uint64_t peers = 0;
    std::uint64_t bytes = 0;
};

class Testbed {
  public:
    explicit Testbed(std::uint64_t seed, ScenarioSize size = {})
        : size_(size), simulation_(seed), network_(simulation_) {}

    ~Testbed();
    Testbed(const Testbed&) = delete;
    Testbed& operator=(const Testbed&) = delete;

    const ScenarioSize& size() const { return size_; }
    Simulation& simulation() { return simulation_; }
    NetworkModel& network() { return network_; }
    // Address 10.0.0.N+1 for the N-th host, unless `settings` names others. The name is known to all
    // resolvers.
    Host& add_host(const std::string& name);  // with drawn settings
    Host& add_host(const std::string& name, HostSettings settings);
    const std::vector<std::unique_ptr<Host>>& hosts() const { return hosts_; }

    // No fault any more: nothing is cut, no rate of error is left, disks have room, power is on and wanted
    // processes run. Delays and bandwidths stay.
    void heal();

  private:
    ScenarioSize size_;
    Simulation simulation_;
    NetworkModel network_;
    std::vector<std::unique_ptr<Host>> hosts_;
};

}  // namespace spate::sim
