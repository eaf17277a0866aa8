#include "sim/testbed.h"

namespace spate::sim {

Testbed::~Testbed() {
    // What is still to happen may hold the last of a dead process, which needs its host to go.
    simulation_.drop_events();
}

Host& Testbed::add_host(const std::string& name) {
    return add_host(name, draw_host_settings(simulation_.rng()));
}

Host& Testbed::add_host(const std::string& name, HostSettings settings) {
    const auto number = hosts_.size() + 1;
    if (settings.node.addresses.empty()) {
        settings.node.addresses.push_back(Address::v4(10, 0, static_cast<std::uint8_t>(number / 256),
                                                      static_cast<std::uint8_t>(number % 256)));
    }
    network_.set_name(name, settings.node.addresses);
    hosts_.push_back(std::make_unique<Host>(network_, name, std::move(settings)));
    return *hosts_.back();
}

void Testbed::heal() {
    simulation_.record("testbed", "heal", {});
    network_.heal();
    network_.clear_link_faults();
    for (const auto& host : hosts_) {
        auto& node = host->node().settings;
        node.accept_failure = node.connect_failure = node.resolve_failure = 0;
        host->disk().faults() = {};
        for (const auto& process : host->processes()) process->go_on();
        host->power_on();
        host->start_wanted();
    }
}

}  // namespace spate::sim
