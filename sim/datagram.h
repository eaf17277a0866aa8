// DatagramPort: the kernel side of a UDP socket: a bounded queue of what arrived; SimDatagramSocket: the
// seam's side.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "io/datagram.h"
#include "sim/life.h"
#include "sim/network_model.h"
#include "sim/ready_wait.h"

namespace spate::sim {

class SimDatagramSocket;

class DatagramPort final {
  public:
    struct Datagram {
        Endpoint from;
        Address to;
        std::vector<std::uint8_t> payload;
    };
    DatagramPort(Endpoint local, const Life& life, SimDatagramSocket& socket)
        : local_(local), life_(&life), socket_(&socket) {}

    const Endpoint& local() const { return local_; }
    bool belongs_to(const Life& life) const { return life_ == &life; }
    bool takes(const Endpoint& target) const;
    bool empty() const { return queue_.empty(); }
    bool add(Datagram datagram);  // false: the queue is full, it is dropped
    Datagram take();
    void leave() { socket_ = nullptr; }

  private:
    Endpoint local_;
    const Life* life_;
    SimDatagramSocket* socket_;
    std::deque<Datagram> queue_;
    std::size_t queued_bytes_ = 0;
};

class SimDatagramSocket final : public io::DatagramSocket {
  public:
    SimDatagramSocket(NetworkModel& network, NodeId node, std::shared_ptr<Life> life, Endpoint local);
    ~SimDatagramSocket() override;
    SimDatagramSocket(const SimDatagramSocket&) = delete;
    SimDatagramSocket& operator=(const SimDatagramSocket&) = delete;

    void set_handler(io::DatagramHandler& handler) override { handler_ = &handler; }
    void wait_readable() override { readable_.arm(); }
    void wait_writable() override { writable_.arm(); }
    Result<std::size_t> receive(std::span<io::ReceivedDatagram> into) override;
    Result<std::size_t> send(std::span<const io::OutgoingDatagram> datagrams) override;
    Endpoint local() const override { return port_->local(); }

    void arrived() { readable_.check(); }

  private:
    Result<void> check_size(const io::OutgoingDatagram& datagram) const;
    void send_one(const io::OutgoingDatagram& datagram);
    void put_on_wire(NodeId to, const io::OutgoingDatagram& datagram);

    NetworkModel& network_;
    NodeId node_;
    std::shared_ptr<Life> life_;
    std::shared_ptr<DatagramPort> port_;
    io::DatagramHandler* handler_ = nullptr;
    TimePoint blocked_until_ = TimePoint::min();
    ReadyWait readable_;
    ReadyWait writable_;
    ScheduledEvent unblock_;
};

}  // namespace spate::sim
