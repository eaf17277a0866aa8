#include "sim/flow.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/assert.h"

namespace spate::sim {

namespace {
constexpr Duration first_pause = std::chrono::milliseconds(200);
constexpr Duration longest_pause = std::chrono::seconds(10);
}  // namespace

Flow::Flow(NetworkModel& network, FlowOwner& owner, NodeId from, NodeId to)
    : network_(network),
      owner_(owner),
      from_(from),
      to_(to),
      last_arrival_(network.simulation().now()),
      last_progress_(last_arrival_),
      pause_(first_pause) {}

std::size_t Flow::space() const {
    const auto cap = network_.node(from_).settings.send_buffer;
    const auto used = unsent_.size() + unacknowledged_;
    const auto free = used >= cap ? 0 : cap - used;
    return unsent_.size() >= unsent_max_ ? 0 : std::min(free, unsent_max_ - unsent_.size());
}

void Flow::write(Bytes bytes) {
    SPATE_ASSERT(bytes.size() <= space() && !finish_wanted_);
    if (settled()) last_progress_ = network_.simulation().now();
    unsent_.push(bytes);
    pump();
}

void Flow::finish() {
    if (finish_wanted_ || stopped_) return;
    if (settled()) last_progress_ = network_.simulation().now();
    finish_wanted_ = true;
    pump();
}

void Flow::read(MutableBytes into) {
    received_.take(into);
    if (stopped_ || unsent_.empty() || window_update_.pending()) return;
    auto& simulation = network_.simulation();
    window_update_ = simulation.schedule(simulation.now() + network_.delay(to_, from_), [this] { pump(); });
}

void Flow::stop() {
    stopped_ = true;
    wire_.clear();
    unsent_.clear();
    for (auto* event : {&arrival_, &retry_, &probe_, &window_update_, &acknowledgement_}) event->cancel();
}

void Flow::pump() {
    while (!stopped_ && !reset_sent_ && !retry_.pending() &&
           (!unsent_.empty() || finish_wanted_ != finish_sent_)) {
        const auto cap = network_.node(to_).settings.receive_buffer;
        const auto used = received_.size() + on_wire_;
        const auto window = used >= cap ? 0 : cap - used;
        if (window == 0 && !unsent_.empty()) {
            auto& simulation = network_.simulation();
            if (!probe_.pending())
                probe_ = simulation.schedule(simulation.now() + pause_, [this] { probe(); });
            return;
        }
        if (network_.cut(from_, to_)) return stall();
        if (!send_segment(window)) return;
    }
}

// False: the connection is gone.
bool Flow::send_segment(std::size_t window) {
    auto& simulation = network_.simulation();
    const auto& link = network_.link(from_, to_);
    auto size = std::min({unsent_.size(), window, network_.node(from_).settings.segment_max});
    if (size > 1 && simulation.rng().chance(1, 4)) size = 1 + simulation.rng().below(size);
    if (simulation.chance(link.reset)) {
        simulation.mark("stream reset by the way");
        owner_.on_reset();
        return false;
    }
    Segment segment;
    if (link.reset_at_byte != 0 && carried_ + size >= link.reset_at_byte) {
        size = carried_ < link.reset_at_byte ? link.reset_at_byte - carried_ : 0;
        segment.reset = reset_sent_ = true;
    }
    segment.bytes.resize(size);
    unsent_.take(segment.bytes);
    segment.finish = unsent_.empty() && finish_wanted_ && !segment.reset;
    finish_sent_ = segment.finish;
    carried_ += size;
    on_wire_ += size;
    unacknowledged_ += size + (segment.finish ? 1 : 0);
    segment.arrival = network_.transit(from_, to_, size + 40);
    if (simulation.chance(link.loss)) {
        simulation.mark("segment lost");
        segment.arrival += first_pause;
    }
    last_arrival_ = segment.arrival = std::max(segment.arrival, last_arrival_);
    wire_.push_back(std::move(segment));
    expect_first();
    return true;
}

void Flow::expect_first() {
    if (wire_.empty() || arrival_.pending()) return;
    arrival_ = network_.simulation().schedule(wire_.front().arrival, [this] { arrive(); });
}

void Flow::arrive() {
    if (network_.cut(from_, to_)) {
        lose_wire();
        return stall();
    }
    auto segment = std::move(wire_.front());
    wire_.pop_front();
    on_wire_ -= segment.bytes.size();
    expect_first();
    deliver(std::move(segment));
}

void Flow::deliver(Segment segment) {
    auto& simulation = network_.simulation();
    if (!owner_.receiver_accepts()) {
        // A closed socket takes the end, and resets whoever sends it bytes.
        if (!segment.bytes.empty()) return owner_.on_refused();
    } else if (!segment.bytes.empty() && simulation.chance(network_.link(from_, to_).corrupt)) {
        simulation.mark("stream corrupted");
        network_.corrupt(segment.bytes);
    }
    received_.push(segment.bytes);
    finish_received_ = finish_received_ || segment.finish;
    to_acknowledge_ += segment.bytes.size() + (segment.finish ? 1 : 0);
    if (!acknowledgement_.pending()) acknowledge_after(Duration::zero());
    owner_.on_arrived();
    if (!segment.reset) return;
    simulation.mark("stream reset at byte n");
    owner_.on_reset();
}

// What is on the wire never arrives: it counts as unsent again.
void Flow::lose_wire() {
    network_.simulation().mark("segments lost in a cut");
    for (auto segment = wire_.rbegin(); segment != wire_.rend(); ++segment) {
        unsent_.push_front(segment->bytes);
        unacknowledged_ -= segment->bytes.size() + (segment->finish ? 1 : 0);
        carried_ -= segment->bytes.size();
        if (segment->finish) finish_sent_ = false;
        if (segment->reset) reset_sent_ = false;
    }
    wire_.clear();
    on_wire_ = 0;
    arrival_.cancel();
}

void Flow::acknowledge_after(Duration pause) {
    auto& simulation = network_.simulation();
    const auto due = simulation.now() + pause + network_.delay(to_, from_);
    acknowledgement_ = simulation.schedule(due, [this] { acknowledge(); });
}

void Flow::acknowledge() {
    if (network_.cut(to_, from_)) {
        if (!given_up()) acknowledge_after(pause_ = std::min(pause_ * 2, longest_pause));
        return;
    }
    unacknowledged_ -= std::exchange(to_acknowledge_, 0);
    last_progress_ = network_.simulation().now();
    pause_ = first_pause;
    owner_.on_space();
    pump();
}

// The window is shut: is the other side still there?
void Flow::probe() {
    if (network_.cut(from_, to_) || network_.cut(to_, from_)) {
        if (given_up()) return;
        pause_ = std::min(pause_ * 2, longest_pause);
    } else if (!owner_.receiver_accepts()) {
        return owner_.on_refused();
    } else {
        last_progress_ = network_.simulation().now();
        pause_ = std::min(pause_ * 2, longest_pause);
    }
    pump();
}

void Flow::stall() {
    if (given_up()) return;
    auto& simulation = network_.simulation();
    simulation.mark("stream stalled");
    retry_ = simulation.schedule(simulation.now() + pause_, [this] { pump(); });
    pause_ = std::min(pause_ * 2, longest_pause);
}

bool Flow::given_up() {
    if (network_.simulation().now() - last_progress_ < network_.node(from_).settings.retransmit_timeout)
        return false;
    network_.simulation().mark("stream timed out");
    owner_.on_lost();
    return true;
}

}  // namespace spate::sim
