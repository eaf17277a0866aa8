// ListeningPort: the kernel side of a listener, with its backlog; SimListener: the seam's side of it.
#pragma once

#include <deque>
#include <memory>

#include "sim/connection.h"

namespace spate::sim {

class ListeningPort final : public std::enable_shared_from_this<ListeningPort> {
  public:
    ListeningPort(NetworkModel& network, NodeId node, Endpoint local, std::shared_ptr<Life> life,
                  io::ListenerHandler& handler);

    const Endpoint& local() const { return local_; }
    bool belongs_to(const Life& life) const { return life_.get() == &life; }
    bool takes(const Endpoint& target) const;
    bool full() const;
    void add(std::shared_ptr<Connection> connection);
    void pause() { paused_ = true; }
    void resume();
    void close();  // resets what nobody accepted

  private:
    void deliver_soon();
    void deliver();

    NetworkModel& network_;
    NodeId node_;
    Endpoint local_;
    std::shared_ptr<Life> life_;
    io::ListenerHandler& handler_;
    std::deque<std::shared_ptr<Connection>> backlog_;
    bool paused_ = false;
    bool open_ = true;
    ScheduledEvent next_;
};

class SimListener final : public io::Listener {
  public:
    explicit SimListener(std::shared_ptr<ListeningPort> port) : port_(std::move(port)) {}
    ~SimListener() override { port_->close(); }
    SimListener(const SimListener&) = delete;
    SimListener& operator=(const SimListener&) = delete;
    Endpoint local() const override { return port_->local(); }
    void pause() override { port_->pause(); }
    void resume() override { port_->resume(); }

  private:
    std::shared_ptr<ListeningPort> port_;
};

}  // namespace spate::sim
