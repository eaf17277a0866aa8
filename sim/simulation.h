// Simulation: virtual time and everything that is going to happen, in order of (time, a tie-break drawn from
// the seed). One thread, one 64-bit seed: equal seeds give equal runs. Time moves only between events and
// only forward. Owner: the test or scenario; must outlive everything simulated in it.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/rng.h"
#include "base/time.h"
#include "io/reactor.h"
#include "sim/event_log.h"

namespace spate::sim {

// How often something drawn at random happens.
using PerMillion = std::uint32_t;

// Whoever an event runs for: asked when it comes due.
class EventOwner {
  public:
    virtual ~EventOwner() = default;
    // `now`: run it. Later: put it off until then (the process is stopped). `never`: drop it (the process is
    // dead).
    virtual TimePoint may_run(TimePoint now) const = 0;
};

class Simulation;

// Holds an event to come; destroying or overwriting it cancels the event. Must not outlive the Simulation.
class ScheduledEvent {
  public:
    ScheduledEvent() = default;
    ScheduledEvent(Simulation& simulation, std::uint64_t id) : simulation_(&simulation), id_(id) {}
    ScheduledEvent(ScheduledEvent&& other) noexcept;
    ScheduledEvent& operator=(ScheduledEvent&& other) noexcept;
    ~ScheduledEvent() { cancel(); }
    void cancel();
    bool pending() const;

  private:
    Simulation* simulation_ = nullptr;
    std::uint64_t id_ = 0;
};

class Simulation {
  public:
    // What is wrong now, in a sentence; nothing when all is well.
    using Checker = std::function<std::optional<std::string>()>;

    explicit Simulation(std::uint64_t seed);
    ~Simulation();
    Simulation(const Simulation&) = delete;
    Simulation& operator=(const Simulation&) = delete;

    TimePoint now() const { return now_; }
    Duration elapsed() const { return now_ - start_; }
    std::uint64_t seed() const { return seed_; }
    // For everything drawn at random, but for the order of events.
    Rng& rng() { return rng_; }
    bool chance(PerMillion per_million) { return per_million != 0 && rng_.chance(per_million, 1'000'000); }
    // Uniform in [low, high].
    Duration between(Duration low, Duration high);

    EventLog& log() { return log_; }
    void record(std::string_view who, std::string_view what, std::initializer_list<std::uint64_t> numbers) {
        log_.record(elapsed(), who, what, numbers);
    }
    void mark(std::string_view name) { log_.mark(name); }

    [[nodiscard]] ScheduledEvent schedule(TimePoint due, io::Callback work);
    [[nodiscard]] ScheduledEvent schedule_for(std::shared_ptr<const EventOwner> owner, TimePoint due,
                                              io::Callback work);
    // Cannot be cancelled.
    void at(TimePoint due, io::Callback work);

    // All that is still to happen does not happen.
    void drop_events();

    // Runs events until `done` holds (asked after every event), a checker fails or `limit` of virtual time
    // has passed. True if `done` held.
    bool run_until(const std::function<bool()>& done, Duration limit);
    void run_for(Duration length);

    // Asked after every event; its first complaint ends the run.
    void check_always(Checker checker);
    // Asked every `interval` of virtual time.
    void check_every(Duration interval, Checker checker);
    void fail(std::string reason);  // the first reason stays
    const std::optional<std::string>& failure() const { return failure_; }

  private:
    friend class ScheduledEvent;
    struct Key {
        TimePoint due;
        std::uint64_t tie_break;
        std::uint64_t id;
        auto operator<=>(const Key&) const = default;
    };
    struct Event {
        io::Callback work;
        std::shared_ptr<const EventOwner> owner;
    };
    std::uint64_t add(TimePoint due, Event event);
    void step();
    void run_event(Event event);
    void cancel(std::uint64_t id);
    bool pending(std::uint64_t id) const { return keys_.contains(id); }
    void repeat_check(Duration interval, const std::shared_ptr<Checker>& checker);

    std::uint64_t seed_;
    Rng rng_;
    Rng order_rng_;
    TimePoint start_;
    TimePoint now_;
    EventLog log_;
    std::map<Key, Event> events_;
    std::unordered_map<std::uint64_t, Key> keys_;  // looked up only, never walked
    std::uint64_t next_id_ = 1;
    std::uint64_t events_this_instant_ = 0;
    std::vector<Checker> checkers_;
    std::optional<std::string> failure_;
};

}  // namespace spate::sim
