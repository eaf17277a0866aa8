// Connection: a TCP connection as the two kernels know it: a socket on each side and a flow each way. A side
// may be open, closed by its program, reset, or forgotten by its kernel (power cut) while the other side
// still believes in it. Owner: the NetworkModel, until both sides are done; streams share it.
#pragma once

#include <array>
#include <cerrno>
#include <memory>
#include <span>
#include <utility>

#include "io/stream.h"
#include "sim/flow.h"
#include "sim/life.h"

namespace spate::sim {

enum class Side : std::uint8_t { client, server };
inline Side other(Side side) {
    return side == Side::client ? Side::server : Side::client;
}

// Who wants to hear of a side's changes: its stream.
class SocketObserver {
  public:
    virtual ~SocketObserver() = default;
    virtual void socket_changed() = 0;
};

class Connection final : public std::enable_shared_from_this<Connection> {
  public:
    struct End {
        NodeId node;
        Endpoint endpoint;
    };
    Connection(NetworkModel& network, End client, End server);

    std::uint64_t id() const { return id_; }
    NetworkModel& network() { return network_; }
    Endpoint endpoint(Side side) const { return socket(side).end.endpoint; }
    // Which program a side belongs to; nobody's until then.
    void give(Side side, std::shared_ptr<Life> life, SocketObserver* observer);
    void leave(Side side) { socket(side).observer = nullptr; }
    void hold_until(TimePoint time);

    bool can_read(Side side) const;
    bool can_write(Side side) const;
    Result<io::Transfer> read(Side side, MutableBytes into);
    Result<io::Transfer> write(Side side, std::span<const Bytes> parts);
    void limit_unsent(Side side, std::size_t bytes) { outgoing(side).limit_unsent(bytes); }
    std::size_t unconfirmed(Side side) const { return outgoing(side).unconfirmed(); }
    void shutdown_write(Side side);
    void close(Side side);  // as close(2): FIN after what was written; RST when there is unread data
    void abort(Side side);  // RST

    void close_all(const Life& life);
    void vanish(NodeId node);  // power cut

  private:
    // The flow a side sends into, as its owner.
    class Direction final : public FlowOwner {
      public:
        Direction(Connection& connection, Side sender, NodeId from, NodeId to)
            : connection_(connection), sender_(sender), flow_(connection.network_, *this, from, to) {}
        Flow& flow() { return flow_; }
        const Flow& flow() const { return flow_; }
        void on_arrived() override { connection_.changed(other(sender_)); }
        void on_space() override;
        bool receiver_accepts() const override;
        void on_refused() override { connection_.send_reset(other(sender_)); }
        void on_lost() override { connection_.break_side(sender_, ETIMEDOUT); }
        void on_reset() override;

      private:
        Connection& connection_;
        Side sender_;
        Flow flow_;
    };
    struct Socket {
        End end;
        std::shared_ptr<Life> life;
        SocketObserver* observer = nullptr;
        bool closed = false;  // by its program
        bool gone = false;    // forgotten by its kernel
        int broken = 0;       // errno of the end of it
        bool write_shut = false;
    };
    Socket& socket(Side side) { return sockets_[static_cast<std::size_t>(side)]; }
    const Socket& socket(Side side) const { return sockets_[static_cast<std::size_t>(side)]; }
    Flow& outgoing(Side side) { return directions_[static_cast<std::size_t>(side)]->flow(); }
    Flow& incoming(Side side) { return outgoing(other(side)); }
    const Flow& outgoing(Side side) const {
        return std::as_const(*directions_[static_cast<std::size_t>(side)]).flow();
    }
    const Flow& incoming(Side side) const { return outgoing(other(side)); }
    std::size_t shortened(Side side, std::size_t size);
    Error error(Side side, const char* operation, int code) const;

    void changed(Side side);
    void send_reset(Side from);
    void break_side(Side side, int code);
    bool finished(Side side) const;
    void forget_if_finished();

    NetworkModel& network_;
    std::uint64_t id_;
    std::array<Socket, 2> sockets_;
    std::array<std::unique_ptr<Direction>, 2> directions_;
    std::array<ScheduledEvent, 2> resets_;  // on their way to a side
    bool forgotten_ = false;
};

}  // namespace spate::sim
