// Flow: one direction of a TCP connection as its kernels carry it: a bounded send buffer, segments in order
// on the wire, a bounded receive buffer (the window), acknowledgements that free the send buffer. A cut way
// loses what is on it; it is sent again with growing pauses until it heals or the sender's kernel gives up
// (ETIMEDOUT).
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "base/bytes.h"
#include "sim/byte_queue.h"
#include "sim/network_model.h"

namespace spate::sim {

// What a flow tells its connection. The connection outlives the flow.
class FlowOwner {
  public:
    virtual ~FlowOwner() = default;
    virtual void on_arrived() = 0;  // bytes or the end, at the receiver
    virtual void on_space() = 0;    // room in the send buffer, or all acknowledged
    virtual bool receiver_accepts()
        const = 0;                  // false: its socket is closed or forgotten; it answers with a reset
    virtual void on_refused() = 0;  // bytes met a closed socket
    virtual void on_lost() = 0;     // the sender's kernel gives up
    virtual void on_reset() = 0;    // a reset from the way itself
};

class Flow {
  public:
    Flow(NetworkModel& network, FlowOwner& owner, NodeId from, NodeId to);

    // Sender's side.
    std::size_t space() const;
    void limit_unsent(std::size_t bytes) { unsent_max_ = bytes; }
    std::size_t unconfirmed() const { return unsent_.size() + unacknowledged_; }
    void write(Bytes bytes);  // at most space()
    void finish();            // the end after what was written
    bool finishing() const { return finish_wanted_; }
    bool settled() const { return unsent_.empty() && unacknowledged_ == 0 && finish_wanted_ == finish_sent_; }
    // Nothing arrives before this (the handshake's end).
    void hold_until(TimePoint time) { last_arrival_ = time; }

    // Receiver's side.
    std::size_t readable() const { return received_.size(); }
    bool at_end() const { return received_.empty() && finish_received_; }
    void read(MutableBytes into);  // at most readable()

    void stop();  // no event of it runs any more; what was received stays readable

  private:
    struct Segment {
        std::vector<std::uint8_t> bytes;
        bool finish = false;
        bool reset = false;  // the way resets the connection after these bytes
        TimePoint arrival;
    };
    void pump();
    bool send_segment(std::size_t window);
    void expect_first();
    void arrive();
    void deliver(Segment segment);
    void lose_wire();
    void acknowledge_after(Duration pause);
    void acknowledge();
    void probe();
    void stall();
    bool given_up();

    NetworkModel& network_;
    FlowOwner& owner_;
    NodeId from_;
    NodeId to_;
    ByteQueue unsent_;
    std::deque<Segment> wire_;
    ByteQueue received_;
    std::size_t unsent_max_ = SIZE_MAX;  // beside the send buffer
    std::size_t unacknowledged_ = 0;     // octets (the end counts as one) sent and not yet acknowledged
    std::size_t on_wire_ = 0;
    std::uint64_t carried_ = 0;
    bool finish_wanted_ = false;
    bool finish_sent_ = false;
    bool reset_sent_ = false;
    bool finish_received_ = false;
    bool stopped_ = false;
    TimePoint last_arrival_;
    TimePoint last_progress_;
    Duration pause_;
    ScheduledEvent arrival_;
    ScheduledEvent retry_;
    ScheduledEvent probe_;
    ScheduledEvent window_update_;
    ScheduledEvent acknowledgement_;
    std::size_t to_acknowledge_ = 0;
};

}  // namespace spate::sim
