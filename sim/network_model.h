// NetworkModel: nodes with addresses, the links between them, and what is cut. Holds the kernel side of every
// listener, connection and datagram socket; sim/network.h is the seam's side. Everything that crosses asks
// transit() when it arrives. Owner: the Testbed. Must outlive the processes that use it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/endpoint.h"
#include "sim/link.h"
#include "sim/simulation.h"

namespace spate::sim {

class Connection;
class DatagramPort;
class Life;
class ListeningPort;

enum class NodeId : std::uint32_t {};
using Path = std::pair<NodeId, NodeId>;  // from, to

// How one node's kernel treats its programs.
struct NodeSettings {
    std::vector<Address> addresses;         // at least one; 127.0.0.0/8 and ::1 are always there
    std::uint64_t up_bytes_per_second = 0;  // shared by all it sends; 0: no limit
    std::uint64_t down_bytes_per_second = 0;
    std::size_t send_buffer = 65'536;
    std::size_t receive_buffer = 65'536;
    std::size_t segment_max = 16'384;
    std::size_t backlog_max = 128;
    PerMillion short_io = 200'000;      // reads and writes that do less than they could
    PerMillion accept_failure = 0;      // EMFILE, then a pause
    PerMillion connect_failure = 0;     // EMFILE at connect
    PerMillion datagram_full = 10'000;  // a send() finds the socket's buffer full
    PerMillion resolve_failure = 0;     // EHOSTUNREACH
    bool firewalled = false;            // connects from other nodes get no answer
    Duration connect_timeout = std::chrono::seconds(127);
    Duration retransmit_timeout = std::chrono::seconds(120);  // a connection without progress: ETIMEDOUT
};

struct Node {
    std::string name;
    NodeSettings settings;
    bool up = true;
    Throttle uplink;
    Throttle downlink;
    std::uint16_t next_port = 32768;
    std::vector<std::shared_ptr<ListeningPort>> listeners;
    std::vector<std::shared_ptr<DatagramPort>> datagram_ports;
};

class NetworkModel {
  public:
    explicit NetworkModel(Simulation& simulation) : simulation_(simulation) {}
    ~NetworkModel();
    NetworkModel(const NetworkModel&) = delete;
    NetworkModel& operator=(const NetworkModel&) = delete;

    Simulation& simulation() { return simulation_; }
    NodeId add_node(std::string name, NodeSettings settings);
    Node& node(NodeId id) { return *nodes_.at(static_cast<std::size_t>(id)); }
    std::optional<NodeId> find_node(const Address& address) const;

    // Links. A pair without its own settings has the default; a node to itself is fast and faultless unless
    // set.
    LinkSettings& default_link() { return default_link_; }
    void set_link(NodeId from, NodeId to, const LinkSettings& settings) {
        links_[{from, to}].settings = settings;
    }
    const LinkSettings& link(NodeId from, NodeId to) const;
    void clear_link_faults();  // delays and bandwidths stay

    // One way only: what `from` sends does not reach `to`.
    void block(NodeId from, NodeId to) { blocked_.insert({from, to}); }
    void unblock(NodeId from, NodeId to) { blocked_.erase({from, to}); }
    void partition(const std::set<NodeId>& side_a, const std::set<NodeId>& side_b);  // both ways
    void isolate(NodeId node);  // from all others, both ways
    void heal() { blocked_.clear(); }
    // Nothing gets through now: cut, or an end is without power.
    bool cut(NodeId from, NodeId to);

    // When `bytes` that leave now arrive.
    TimePoint transit(NodeId from, NodeId to, std::size_t bytes);
    // The same for a datagram: in order, unless the link's `reorder` says otherwise.
    TimePoint datagram_transit(NodeId from, NodeId to, std::size_t bytes);
    Duration delay(NodeId from, NodeId to);
    // Bytes that wait at the sender's side of the way.
    std::uint64_t queued(NodeId from, NodeId to);
    void corrupt(std::vector<std::uint8_t>& bytes);  // flips one bit

    // Names for every node's resolver.
    void set_name(const std::string& name, std::vector<Address> addresses) {
        names_[name] = std::move(addresses);
    }
    const std::vector<Address>* find_name(const std::string& name) const;

    // The kernel's view of a process's end: its sockets are closed as the kernel closes them (FIN, or RST
    // when there was unread data).
    void close_all(const Life& life);
    // Power cut: the node forgets all its sockets; the others hear nothing.
    void power_off(NodeId node);
    void power_on(NodeId node_id) { node(node_id).up = true; }

    void keep(std::shared_ptr<Connection> connection);
    void forget(const Connection& connection);
    std::size_t connection_count() const { return connections_.size(); }
    std::uint64_t take_connection_id() { return next_connection_id_++; }

  private:
    struct Link {
        std::optional<LinkSettings> settings;
        Throttle throttle;
        TimePoint last_datagram = TimePoint::min();
    };
    Simulation& simulation_;
    std::vector<std::unique_ptr<Node>> nodes_;
    LinkSettings default_link_;
    LinkSettings own_link_{.delay_min = std::chrono::microseconds(10),
                           .delay_max = std::chrono::microseconds(40)};
    std::map<Path, Link> links_;
    std::set<Path> blocked_;
    std::map<std::string, std::vector<Address>> names_;
    std::map<std::uint64_t, std::shared_ptr<Connection>> connections_;
    std::uint64_t next_connection_id_ = 1;
};

}  // namespace spate::sim
