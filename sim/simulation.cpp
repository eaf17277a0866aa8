#include "sim/simulation.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/assert.h"

namespace spate::sim {

namespace {
// Not the epoch, so that code which takes TimePoint{} for "never" is found out.
constexpr TimePoint first_instant = TimePoint{} + std::chrono::hours(1);
// More events than this without time moving on: somebody spins.
constexpr std::uint64_t instant_events_max = 500'000;
}  // namespace

ScheduledEvent::ScheduledEvent(ScheduledEvent&& other) noexcept
    : simulation_(std::exchange(other.simulation_, nullptr)), id_(other.id_) {}

ScheduledEvent& ScheduledEvent::operator=(ScheduledEvent&& other) noexcept {
    if (this != &other) {
        cancel();
        simulation_ = std::exchange(other.simulation_, nullptr);
        id_ = other.id_;
    }
    return *this;
}

void ScheduledEvent::cancel() {
    if (auto* const simulation = std::exchange(simulation_, nullptr)) simulation->cancel(id_);
}

bool ScheduledEvent::pending() const {
    return simulation_ != nullptr && simulation_->pending(id_);
}

Simulation::Simulation(std::uint64_t seed)
    : seed_(seed),
      rng_(seed),
      order_rng_(seed ^ 0x6f72646572ULL),
      start_(first_instant),
      now_(first_instant) {}

Simulation::~Simulation() {
    drop_events();
}

void Simulation::drop_events() {
    // What the events hold may cancel other events while it goes.
    keys_.clear();
    const auto dropped = std::exchange(events_, {});
}

Duration Simulation::between(Duration low, Duration high) {
    if (high <= low) return low;
    return low + Duration(static_cast<std::int64_t>(
                     rng_.below(static_cast<std::uint64_t>((high - low).count()) + 1)));
}

std::uint64_t Simulation::add(TimePoint due, Event event) {
    const auto id = next_id_++;
    const Key key{std::max(due, now_), order_rng_.next(), id};
    keys_.emplace(id, key);
    events_.emplace(key, std::move(event));
    return id;
}

ScheduledEvent Simulation::schedule(TimePoint due, io::Callback work) {
    return {*this, add(due, {std::move(work), nullptr})};
}

ScheduledEvent Simulation::schedule_for(std::shared_ptr<const EventOwner> owner, TimePoint due,
                                        io::Callback work) {
    return {*this, add(due, {std::move(work), std::move(owner)})};
}

void Simulation::at(TimePoint due, io::Callback work) {
    add(due, {std::move(work), nullptr});
}

void Simulation::cancel(std::uint64_t id) {
    const auto found = keys_.find(id);
    if (found == keys_.end()) return;
    const auto entry = events_.extract(found->second);  // destroyed last: it may cancel others
    keys_.erase(found);
}

void Simulation::step() {
    auto entry = events_.extract(events_.begin());
    Key key = entry.key();
    SPATE_ASSERT(key.due >= now_);
    events_this_instant_ = key.due == now_ ? events_this_instant_ + 1 : 0;
    if (events_this_instant_ > instant_events_max) fail("too many events in one instant: something spins");
    now_ = key.due;
    const auto& owner = entry.mapped().owner;
    const TimePoint due = owner ? owner->may_run(now_) : now_;
    if (due > now_ && due != never) {
        key.due = due;
        keys_[key.id] = key;
        entry.key() = key;
        events_.insert(std::move(entry));
        return;
    }
    keys_.erase(key.id);
    if (due == now_) run_event(std::move(entry.mapped()));
}

void Simulation::run_event(Event event) {
    event.work();
    for (const auto& checker : checkers_) {
        if (auto complaint = checker()) fail(std::move(*complaint));
    }
}

bool Simulation::run_until(const std::function<bool()>& done, Duration limit) {
    const TimePoint deadline = now_ + limit;
    while (!failure_) {
        if (done()) return true;
        if (events_.empty() || events_.begin()->first.due > deadline) {
            now_ = deadline;
            return false;
        }
        step();
    }
    return false;
}

void Simulation::run_for(Duration length) {
    run_until([] { return false; }, length);
}

void Simulation::check_always(Checker checker) {
    checkers_.push_back(std::move(checker));
}

void Simulation::check_every(Duration interval, Checker checker) {
    repeat_check(interval, std::make_shared<Checker>(std::move(checker)));
}

void Simulation::repeat_check(Duration interval, const std::shared_ptr<Checker>& checker) {
    at(now_ + interval, [this, interval, checker] {
        if (auto complaint = (*checker)()) fail(std::move(*complaint));
        repeat_check(interval, checker);
    });
}

void Simulation::fail(std::string reason) {
    if (failure_) return;
    record("simulation", "failure: " + reason, {});
    failure_ = std::move(reason);
}

}  // namespace spate::sim
