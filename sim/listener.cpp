#include "sim/listener.h"

#include <cerrno>
#include <chrono>

#include "sim/stream.h"

namespace spate::sim {

namespace {
constexpr Duration accept_pause = std::chrono::milliseconds(100);
}

ListeningPort::ListeningPort(NetworkModel& network, NodeId node, Endpoint local, std::shared_ptr<Life> life,
                             io::ListenerHandler& handler)
    : network_(network), node_(node), local_(local), life_(std::move(life)), handler_(handler) {}

bool ListeningPort::takes(const Endpoint& target) const {
    if (local_.port != target.port) return false;
    if (local_.address == target.address) return true;
    return local_.address.is_unspecified() && local_.address.is_v4() == target.address.is_v4();
}

bool ListeningPort::full() const {
    return backlog_.size() >= network_.node(node_).settings.backlog_max;
}

void ListeningPort::add(std::shared_ptr<Connection> connection) {
    backlog_.push_back(std::move(connection));
    deliver_soon();
}

void ListeningPort::resume() {
    paused_ = false;
    deliver_soon();
}

void ListeningPort::deliver_soon() {
    if (!open_ || paused_ || backlog_.empty() || next_.pending()) return;
    next_ = life_->schedule_soon([self = shared_from_this()] { self->deliver(); });
}

void ListeningPort::deliver() {
    if (!open_ || paused_ || backlog_.empty()) return;
    auto& simulation = network_.simulation();
    if (simulation.chance(network_.node(node_).settings.accept_failure)) {
        simulation.mark("accept failed");
        next_ = life_->schedule(simulation.now() + accept_pause,
                                [self = shared_from_this()] { self->deliver(); });
        return handler_.on_accept_error(Error::system(EMFILE, "accept on", local_.text()));
    }
    auto connection = std::move(backlog_.front());
    backlog_.pop_front();
    simulation.record(life_->name(), "accept", {connection->id()});
    deliver_soon();
    handler_.on_accept(std::make_unique<SimStream>(life_, std::move(connection), Side::server));
}

void ListeningPort::close() {
    if (!open_) return;
    open_ = false;
    next_.cancel();
    for (const auto& connection : std::exchange(backlog_, {})) connection->abort(Side::server);
    std::erase_if(network_.node(node_).listeners, [this](const auto& port) { return port.get() == this; });
}

}  // namespace spate::sim
