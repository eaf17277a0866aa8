// TcpFront: the tracker's TCP ports: accepts, keeps the limits, finds out which language a connection speaks
// and has a connection of that language go on. No thread a connection: ten thousand idle ones cost a table
// row and a stream each (bench/tracker_bench.cpp measures it). One timer for all deadlines, one buffer for
// all reads, one budget for all replies that wait.
//
// Limits: ConnectionLimits. Thread: the reactor's. Owner: TrackerServer.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "io/world.h"
#include "tracker/admission.h"
#include "tracker/deadlines.h"
#include "tracker/events.h"
#include "tracker/front_connection.h"
#include "tracker/reply_budget.h"

namespace spate::tracker {

class TcpFront final : private io::ListenerHandler, public Front {
  public:
    // Makes the connection that goes on in a language, classic or http.
    using Maker = std::function<std::unique_ptr<FrontConnection>(Front&, ConnectionId, Language,
                                                                 std::unique_ptr<io::Stream>)>;

    // `events` and what `maker` refers to outlive it.
    TcpFront(io::World world, const ConnectionLimits& limits, Events& events, Maker maker);
    ~TcpFront() override;

    // Listens at once; where. Errors name the endpoint: EADDRINUSE, EACCES, EADDRNOTAVAIL.
    Result<Endpoint> listen(const Endpoint& endpoint);
    // Takes the last listen() back.
    void unlisten();

    std::size_t connections() const { return connections_.size(); }

  private:
    void on_accept(std::unique_ptr<io::Stream> stream) override;
    void on_accept_error(const Error& error) override;

    TimePoint now() const override { return world_.reactor.now(); }
    MutableBytes scratch() override { return scratch_; }
    const ConnectionLimits& limits() const override { return limits_; }
    void set_deadline(ConnectionId id, TimePoint due) override;
    FrontConnection* find(ConnectionId id) override;
    void reply_waits(ConnectionId id, std::size_t bytes) override;
    void reply_done(ConnectionId id) override { replies_.remove(id); }
    void turned_away(const Endpoint& from, std::string_view why) override;
    void hand_over(ConnectionId id, Language language, std::unique_ptr<io::Stream> stream, Bytes early,
                   TimePoint arrived) override;
    void finished(ConnectionId id) override;

    void make_room_for(const Address& source);
    void on_timer();

    io::World world_;
    ConnectionLimits limits_;
    Events& events_;
    Maker maker_;
    Admission admission_;
    Deadlines deadlines_;
    ReplyBudget replies_;
    std::unique_ptr<io::Timer> timer_;
    ConnectionId next_id_ = 1;
    std::unordered_map<ConnectionId, std::unique_ptr<FrontConnection>> connections_;
    std::vector<std::unique_ptr<io::Listener>> listeners_;
    std::array<std::uint8_t, 16 * 1024> scratch_{};
};

}  // namespace spate::tracker
