#include "sim/network_model.h"

#include <algorithm>

#include "base/assert.h"
#include "sim/connection.h"
#include "sim/datagram.h"
#include "sim/listener.h"

namespace spate::sim {

NetworkModel::~NetworkModel() = default;

NodeId NetworkModel::add_node(std::string name, NodeSettings settings) {
    SPATE_ASSERT(!settings.addresses.empty());
    for (const auto& address : settings.addresses) SPATE_ASSERT(!find_node(address));
    auto node = std::make_unique<Node>();
    node->name = std::move(name);
    node->settings = std::move(settings);
    nodes_.push_back(std::move(node));
    return static_cast<NodeId>(nodes_.size() - 1);
}

std::optional<NodeId> NetworkModel::find_node(const Address& address) const {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        const auto& addresses = nodes_[i]->settings.addresses;
        if (std::ranges::find(addresses, address) != addresses.end()) return static_cast<NodeId>(i);
    }
    return std::nullopt;
}

const LinkSettings& NetworkModel::link(NodeId from, NodeId to) const {
    const auto found = links_.find({from, to});
    if (found != links_.end() && found->second.settings) return *found->second.settings;
    return from == to ? own_link_ : default_link_;
}

void NetworkModel::clear_link_faults() {
    default_link_.clear_faults();
    for (auto& [path, link] : links_) {
        if (link.settings) link.settings->clear_faults();
    }
}

void NetworkModel::partition(const std::set<NodeId>& side_a, const std::set<NodeId>& side_b) {
    for (const auto a : side_a) {
        for (const auto b : side_b) {
            block(a, b);
            block(b, a);
        }
    }
}

void NetworkModel::isolate(NodeId node) {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        const auto other = static_cast<NodeId>(i);
        if (other != node) partition({node}, {other});
    }
}

bool NetworkModel::cut(NodeId from, NodeId to) {
    return !node(from).up || !node(to).up || blocked_.contains({from, to});
}

TimePoint NetworkModel::transit(NodeId from, NodeId to, std::size_t bytes) {
    TimePoint time = simulation_.now();
    const auto& settings = link(from, to);
    if (from == to) return time + delay(from, to);
    time = node(from).uplink.pass(time, bytes, node(from).settings.up_bytes_per_second);
    time = links_[{from, to}].throttle.pass(time, bytes * settings.slowdown, settings.bytes_per_second);
    time += delay(from, to);
    return node(to).downlink.pass(time, bytes, node(to).settings.down_bytes_per_second);
}

TimePoint NetworkModel::datagram_transit(NodeId from, NodeId to, std::size_t bytes) {
    const auto& settings = link(from, to);
    const auto arrival = transit(from, to, bytes);
    if (simulation_.chance(settings.reorder)) {
        simulation_.mark("datagram delayed out of order");
        return arrival + simulation_.between(settings.delay_max, settings.delay_max * 10);
    }
    auto& last = links_[{from, to}].last_datagram;
    // One of the same instant would be ordered by chance.
    return last = std::max(arrival, last + Duration(1));
}

Duration NetworkModel::delay(NodeId from, NodeId to) {
    const auto& settings = link(from, to);
    const auto slowdown = static_cast<std::int64_t>(settings.slowdown);
    return simulation_.between(settings.delay_min * slowdown, settings.delay_max * slowdown);
}

std::uint64_t NetworkModel::queued(NodeId from, NodeId to) {
    const auto now = simulation_.now();
    return node(from).uplink.queued(now, node(from).settings.up_bytes_per_second) +
           links_[{from, to}].throttle.queued(now, link(from, to).bytes_per_second);
}

void NetworkModel::corrupt(std::vector<std::uint8_t>& bytes) {
    const auto bit = simulation_.rng().below(bytes.size() * 8);
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ (1U << (bit % 8)));
}

const std::vector<Address>* NetworkModel::find_name(const std::string& name) const {
    const auto found = names_.find(name);
    return found == names_.end() ? nullptr : &found->second;
}

void NetworkModel::close_all(const Life& life) {
    for (const auto& node : nodes_) {
        const auto listeners = node->listeners;  // closing takes them out of the list
        for (const auto& listener : listeners) {
            if (listener->belongs_to(life)) listener->close();
        }
        std::erase_if(node->datagram_ports, [&](const auto& port) { return port->belongs_to(life); });
    }
    for (const auto& [id, connection] : connections_) connection->close_all(life);
}

void NetworkModel::power_off(NodeId node_id) {
    auto& gone = node(node_id);
    gone.up = false;
    const auto listeners = std::exchange(gone.listeners, {});
    for (const auto& listener : listeners) listener->close();
    gone.datagram_ports.clear();
    for (const auto& [id, connection] : connections_) connection->vanish(node_id);
}

void NetworkModel::keep(std::shared_ptr<Connection> connection) {
    const auto id = connection->id();
    connections_.emplace(id, std::move(connection));
}

void NetworkModel::forget(const Connection& connection) {
    connections_.erase(connection.id());
}

}  // namespace spate::sim
