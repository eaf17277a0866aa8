#include "sim/network.h"

#include <algorithm>
#include <cerrno>

#include "sim/connect_attempt.h"
#include "sim/datagram.h"
#include "sim/listener.h"

namespace spate::sim {

namespace {

bool overlap(const Endpoint& a, const Endpoint& b) {
    const bool both_families = a.address.is_v4() == b.address.is_v4();
    return a.port == b.port && (a.address == b.address || (both_families && (a.address.is_unspecified() ||
                                                                             b.address.is_unspecified())));
}

class PendingResolve final : public io::Pending {
  public:
    explicit PendingResolve(ScheduledEvent event) : event_(std::move(event)) {}

  private:
    ScheduledEvent event_;
};

}  // namespace

std::unique_ptr<io::Pending> SimNetwork::connect(const Endpoint& remote, io::ConnectCallback on_done) {
    auto attempt = std::make_shared<ConnectAttempt>(network_, node_, life_, remote, std::move(on_done));
    if (life_->alive()) attempt->start();
    return std::make_unique<PendingConnect>(std::move(attempt));
}

template <class Ports>
Result<Endpoint> SimNetwork::bind(const Endpoint& local, const Ports& taken, const char* operation) {
    if (!life_->alive()) return fail(Error::system(EBADF, operation, local.text()));
    auto& node = network_.node(node_);
    const auto& addresses = node.settings.addresses;
    const bool ours = local.address.is_unspecified() || local.address.is_loopback() ||
                      std::ranges::find(addresses, local.address) != addresses.end();
    if (!ours) return fail(Error::system(EADDRNOTAVAIL, operation, local.text()));
    const auto is_taken = [&](const Endpoint& endpoint) {
        return std::ranges::any_of(taken, [&](const auto& port) { return overlap(port->local(), endpoint); });
    };
    if (local.port != 0) {
        if (is_taken(local)) return fail(Error::system(EADDRINUSE, operation, local.text()));
        return local;
    }
    for (int tries = 0; tries < 30'000; ++tries) {
        const Endpoint chosen{local.address, node.next_port++};
        if (node.next_port == 61000) node.next_port = 32768;
        if (!is_taken(chosen)) return chosen;
    }
    return fail(Error::system(EADDRINUSE, operation, local.text()));
}

Result<std::unique_ptr<io::Listener>> SimNetwork::listen(const Endpoint& local,
                                                         io::ListenerHandler& handler) {
    auto& listeners = network_.node(node_).listeners;
    auto endpoint = bind(local, listeners, "listen on");
    if (!endpoint) return fail(std::move(endpoint.error()));
    auto port = std::make_shared<ListeningPort>(network_, node_, *endpoint, life_, handler);
    listeners.push_back(port);
    return std::make_unique<SimListener>(std::move(port));
}

Result<std::unique_ptr<io::DatagramSocket>> SimNetwork::open_datagram(const Endpoint& local) {
    auto endpoint = bind(local, network_.node(node_).datagram_ports, "open datagram socket on");
    if (!endpoint) return fail(std::move(endpoint.error()));
    return std::make_unique<SimDatagramSocket>(network_, node_, life_, *endpoint);
}

Result<std::vector<Address>> SimResolver::answer(const std::string& host) {
    if (const auto address = Address::parse(host)) return std::vector{*address};
    if (host == "localhost") return std::vector{Address::loopback()};
    auto& simulation = network_.simulation();
    const bool faulty = simulation.chance(network_.node(node_).settings.resolve_failure);
    if (faulty) simulation.mark("resolve failed");
    const auto* const found = network_.find_name(host);
    if (faulty || !found) return fail(Error::system(EHOSTUNREACH, "resolve", host));
    return std::vector<Address>(found->begin(),
                                found->begin() + std::min<std::ptrdiff_t>(std::ssize(*found), 16));
}

std::unique_ptr<io::Pending> SimResolver::resolve(const std::string& host, io::ResolveCallback on_done) {
    auto& simulation = network_.simulation();
    const auto delay = simulation.between(std::chrono::microseconds(100), std::chrono::milliseconds(50));
    return std::make_unique<PendingResolve>(
        life_->schedule(simulation.now() + delay,
                        [this, host, on_done = std::move(on_done)]() mutable { on_done(answer(host)); }));
}

}  // namespace spate::sim
