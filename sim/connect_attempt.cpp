#include "sim/connect_attempt.h"

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "sim/listener.h"
#include "sim/stream.h"

namespace spate::sim {

namespace {

constexpr Duration first_retry = std::chrono::seconds(1);

Address source_address(const Node& node, const Address& remote) {
    if (remote.is_loopback()) return remote;
    for (const auto& address : node.settings.addresses) {
        if (address.is_v4() == remote.is_v4()) return address;
    }
    return remote.is_v4() ? Address() : Address::v6({});
}

}  // namespace

ConnectAttempt::ConnectAttempt(NetworkModel& network, NodeId from, std::shared_ptr<Life> life,
                               Endpoint remote, io::ConnectCallback on_done)
    : network_(network),
      from_(from),
      life_(std::move(life)),
      remote_(remote),
      on_done_(std::move(on_done)),
      started_(network.simulation().now()),
      pause_(first_retry) {
    auto& node = network_.node(from_);
    local_ = {source_address(node, remote_.address), node.next_port++};
    if (node.next_port == 61000) node.next_port = 32768;
    const auto target = remote_.address.is_loopback() || remote_.address.is_unspecified()
                            ? std::optional(from_)
                            : network_.find_node(remote_.address);
    known_ = target.has_value();
    to_ = target.value_or(from_);
}

void ConnectAttempt::start() {
    auto& simulation = network_.simulation();
    const auto& link = network_.link(from_, to_);
    simulation.record(life_->name(), "connect", {static_cast<std::uint64_t>(to_), remote_.port});
    if (local_.address.is_unspecified()) return finish(ENETUNREACH);
    if (simulation.chance(network_.node(from_).settings.connect_failure)) {
        simulation.mark("connect failed for want of a descriptor");
        return finish(EMFILE);
    }
    if (simulation.chance(link.refuse)) {
        simulation.mark("connect refused by the way");
        return finish(ECONNREFUSED);
    }
    blackholed_ = simulation.chance(link.blackhole);
    if (blackholed_) simulation.mark("connect blackholed");
    send();
}

void ConnectAttempt::after(TimePoint due, void (ConnectAttempt::*step)()) {
    // The kernel's doing, not the program's: a stopped process does not hold it up.
    next_ = network_.simulation().schedule(due, [self = shared_from_this(), step] {
        if (self->life_->alive()) (self.get()->*step)();
    });
}

void ConnectAttempt::retry_or_give_up(void (ConnectAttempt::*step)()) {
    const auto now = network_.simulation().now();
    const auto end = started_ + network_.node(from_).settings.connect_timeout;
    if (now >= end) {
        network_.simulation().mark("connect timed out");
        return finish(ETIMEDOUT);
    }
    after(std::min(now + pause_, end), step);
    pause_ *= 2;
}

void ConnectAttempt::send() {
    const bool walled = from_ != to_ && network_.node(to_).settings.firewalled;
    if (!known_ || blackholed_ || walled || network_.cut(from_, to_))
        return retry_or_give_up(&ConnectAttempt::send);
    after(network_.transit(from_, to_, 40), &ConnectAttempt::arrive);
}

void ConnectAttempt::arrive() {
    if (network_.cut(from_, to_)) return retry_or_give_up(&ConnectAttempt::send);
    const auto& listeners = network_.node(to_).listeners;
    auto target = remote_;
    if (target.address.is_unspecified()) target.address = Address::loopback();
    const auto port = std::ranges::find_if(listeners, [&](const auto& l) { return l->takes(target); });
    if (port == listeners.end()) {
        if (network_.cut(to_, from_)) return retry_or_give_up(&ConnectAttempt::send);
        return finish(ECONNREFUSED);
    }
    if ((*port)->full()) return retry_or_give_up(&ConnectAttempt::send);
    connection_ =
        std::make_shared<Connection>(network_, Connection::End{from_, local_}, Connection::End{to_, remote_});
    network_.keep(connection_);
    connection_->give(Side::client, life_, nullptr);
    (*port)->add(connection_);
    answer();
}

void ConnectAttempt::answer() {
    if (network_.cut(to_, from_)) return retry_or_give_up(&ConnectAttempt::answer);
    const auto arrival = network_.transit(to_, from_, 40);
    connection_->hold_until(arrival);
    after(arrival, &ConnectAttempt::succeed);
}

void ConnectAttempt::succeed() {
    next_ = life_->schedule_soon([self = shared_from_this()] {
        auto on_done = std::move(self->on_done_);
        on_done(std::make_unique<SimStream>(self->life_, std::exchange(self->connection_, nullptr),
                                            Side::client));
    });
}

void ConnectAttempt::finish(int error_code) {
    if (connection_) std::exchange(connection_, nullptr)->abort(Side::client);
    auto& simulation = network_.simulation();
    const auto due = simulation.now() + (known_ ? network_.delay(to_, from_) : Duration::zero());
    next_ = life_->schedule(due, [self = shared_from_this(), error_code] {
        auto on_done = std::move(self->on_done_);
        on_done(fail(Error::system(error_code, "connect to", self->remote_.text())));
    });
}

void ConnectAttempt::cancel() {
    next_.cancel();
    on_done_ = nullptr;
    if (connection_) std::exchange(connection_, nullptr)->abort(Side::client);
}

}  // namespace spate::sim
