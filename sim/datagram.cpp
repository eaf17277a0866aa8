#include "sim/datagram.h"

#include <algorithm>
#include <cerrno>
#include <chrono>

namespace spate::sim {

namespace {
constexpr std::size_t receive_bytes_max = 212'992;  // Linux's default
constexpr std::size_t payload_max = 65'507;
constexpr Duration full_pause = std::chrono::microseconds(500);
}  // namespace

bool DatagramPort::takes(const Endpoint& target) const {
    if (local_.port != target.port) return false;
    if (local_.address == target.address) return true;
    return local_.address.is_unspecified() && local_.address.is_v4() == target.address.is_v4();
}

bool DatagramPort::add(Datagram datagram) {
    if (queued_bytes_ + datagram.payload.size() > receive_bytes_max) return false;
    queued_bytes_ += datagram.payload.size();
    queue_.push_back(std::move(datagram));
    if (socket_) socket_->arrived();
    return true;
}

DatagramPort::Datagram DatagramPort::take() {
    auto datagram = std::move(queue_.front());
    queue_.pop_front();
    queued_bytes_ -= datagram.payload.size();
    return datagram;
}

SimDatagramSocket::SimDatagramSocket(NetworkModel& network, NodeId node, std::shared_ptr<Life> life,
                                     Endpoint local)
    : network_(network),
      node_(node),
      life_(std::move(life)),
      port_(std::make_shared<DatagramPort>(local, *life_, *this)),
      readable_(
          life_, [this] { return !port_->empty(); }, [this] { handler_->on_datagrams_readable(); }),
      writable_(
          life_, [this] { return network_.simulation().now() >= blocked_until_; },
          [this] { handler_->on_datagrams_writable(); }) {
    network_.node(node_).datagram_ports.push_back(port_);
}

SimDatagramSocket::~SimDatagramSocket() {
    port_->leave();
    std::erase(network_.node(node_).datagram_ports, port_);
}

Result<std::size_t> SimDatagramSocket::receive(std::span<io::ReceivedDatagram> into) {
    std::size_t count = 0;
    for (; count < into.size() && !port_->empty(); ++count) {
        const auto datagram = port_->take();
        auto& slot = into[count];
        slot.from = datagram.from;
        slot.to = port_->local().address.is_unspecified() ? datagram.to : Address();
        slot.length = std::min(datagram.payload.size(), slot.buffer.size());
        std::copy_n(datagram.payload.begin(), slot.length, slot.buffer.begin());
    }
    network_.simulation().record(life_->name(), "receive datagrams", {count});
    return count;
}

Result<void> SimDatagramSocket::check_size(const io::OutgoingDatagram& datagram) const {
    if (!life_->alive()) return fail(Error::system(EBADF, "send to", datagram.to.text()));
    if (datagram.payload.size() > payload_max)
        return fail(Error::system(EMSGSIZE, "send to", datagram.to.text()));
    return {};
}

Result<std::size_t> SimDatagramSocket::send(std::span<const io::OutgoingDatagram> datagrams) {
    auto& simulation = network_.simulation();
    std::size_t count = 0;
    for (const auto& datagram : datagrams) {
        if (auto checked = check_size(datagram); !checked) {
            if (count == 0) return fail(std::move(checked.error()));
            break;
        }
        if (simulation.now() >= blocked_until_ &&
            simulation.chance(network_.node(node_).settings.datagram_full)) {
            simulation.mark("datagram buffer full");
            blocked_until_ = simulation.now() + full_pause;
            unblock_ = life_->schedule(blocked_until_, [this] { writable_.check(); });
        }
        if (simulation.now() < blocked_until_) break;
        send_one(datagram);
        ++count;
    }
    simulation.record(life_->name(), "send datagrams", {count});
    return count;
}

void SimDatagramSocket::send_one(const io::OutgoingDatagram& datagram) {
    auto& simulation = network_.simulation();
    const auto& address = datagram.to.address;
    const auto to = address.is_loopback() ? std::optional(node_) : network_.find_node(address);
    if (!to) return;
    const auto& link = network_.link(node_, *to);
    const auto size = datagram.payload.size();
    if (link.datagram_size_max != 0 && size > link.datagram_size_max)
        return simulation.mark("datagram too large for the way");
    if (network_.queued(node_, *to) + size > link.queue_bytes_max)
        return simulation.mark("datagram dropped by a full queue");
    if (network_.cut(node_, *to) || simulation.chance(link.loss)) return simulation.mark("datagram lost");
    put_on_wire(*to, datagram);
    if (!simulation.chance(link.duplicate)) return;
    simulation.mark("datagram duplicated");
    put_on_wire(*to, datagram);
}

void SimDatagramSocket::put_on_wire(NodeId to, const io::OutgoingDatagram& datagram) {
    auto& simulation = network_.simulation();
    const auto& link = network_.link(node_, to);
    const auto& addresses = network_.node(node_).settings.addresses;
    Endpoint source = port_->local();
    if (source.address.is_unspecified() && !datagram.from.is_unspecified()) {
        source.address = datagram.from;
    } else if (datagram.to.address.is_loopback()) {
        source.address = datagram.to.address;
    } else if (source.address.is_unspecified()) {
        const auto same_kind = [&](const Address& a) { return a.is_v4() == datagram.to.address.is_v4(); };
        const auto found = std::ranges::find_if(addresses, same_kind);
        source.address = found == addresses.end() ? addresses.front() : *found;
    }
    DatagramPort::Datagram copy{
        source, datagram.to.address, {datagram.payload.begin(), datagram.payload.end()}};
    if (!copy.payload.empty() && simulation.chance(link.corrupt)) {
        simulation.mark("datagram corrupted");
        network_.corrupt(copy.payload);
    }
    const auto arrival = network_.datagram_transit(node_, to, copy.payload.size() + 28);
    simulation.at(arrival, [&network = network_, from = node_, to, target = datagram.to,
                            copy = std::move(copy)]() mutable {
        if (network.cut(from, to)) return network.simulation().mark("datagram lost");
        for (const auto& port : network.node(to).datagram_ports) {
            if (!port->takes(target)) continue;
            if (!port->add(std::move(copy))) network.simulation().mark("datagram dropped by a full socket");
            return;
        }
    });
}

}  // namespace spate::sim
