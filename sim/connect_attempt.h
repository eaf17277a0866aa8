// ConnectAttempt: a TCP handshake under way: SYN, answer, retries while the way is cut, refusal, and in the
// end the stream or an error for the callback.
#pragma once

#include <memory>

#include "io/network.h"
#include "sim/connection.h"

namespace spate::sim {

class ConnectAttempt final : public std::enable_shared_from_this<ConnectAttempt> {
  public:
    ConnectAttempt(NetworkModel& network, NodeId from, std::shared_ptr<Life> life, Endpoint remote,
                   io::ConnectCallback on_done);
    void start();
    void cancel();

  private:
    void send();    // SYN leaves
    void arrive();  // SYN at the target
    void answer();  // SYN-ACK leaves, or is sent again
    void retry_or_give_up(void (ConnectAttempt::*step)());
    void after(TimePoint due, void (ConnectAttempt::*step)());
    void finish(int error_code);
    void succeed();

    NetworkModel& network_;
    NodeId from_;
    NodeId to_{};
    std::shared_ptr<Life> life_;
    Endpoint local_;
    Endpoint remote_;
    io::ConnectCallback on_done_;
    std::shared_ptr<Connection> connection_;
    TimePoint started_;
    Duration pause_;
    bool known_ = true;  // the remote address is somebody's
    bool blackholed_ = false;
    ScheduledEvent next_;
};

// The seam's handle of an attempt.
class PendingConnect final : public io::Pending {
  public:
    explicit PendingConnect(std::shared_ptr<ConnectAttempt> attempt) : attempt_(std::move(attempt)) {}
    ~PendingConnect() override { attempt_->cancel(); }
    PendingConnect(const PendingConnect&) = delete;
    PendingConnect& operator=(const PendingConnect&) = delete;

  private:
    std::shared_ptr<ConnectAttempt> attempt_;
};

}  // namespace spate::sim
