// Life: one run of a process, from its start to its end. Everything the seam gives to a program knows the
// life it belongs to: no event of a dead life runs, and no call of one has an effect. A stopped life
// (SIGSTOP) gets its events later.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "sim/simulation.h"

namespace spate::sim {

class Life final : public EventOwner, public std::enable_shared_from_this<Life> {
  public:
    Life(Simulation& simulation, std::string name) : simulation_(simulation), name_(std::move(name)) {}

    Simulation& simulation() const { return simulation_; }
    const std::string& name() const { return name_; }
    bool alive() const { return alive_; }
    void end() { alive_ = false; }
    void stop_until(TimePoint time) { stopped_until_ = time; }
    void go_on() { stopped_until_ = TimePoint::min(); }

    TimePoint may_run(TimePoint now) const override {
        return !alive_ ? never : std::max(now, stopped_until_);
    }
    [[nodiscard]] ScheduledEvent schedule(TimePoint due, io::Callback work) const {
        return simulation_.schedule_for(shared_from_this(), due, std::move(work));
    }
    // On its thread as soon as it is free: at most 50 us from now.
    [[nodiscard]] ScheduledEvent schedule_soon(io::Callback work) const;

    // A job's code runs at one instant. What its blocking calls cost has passed for itself; for all others it
    // passes when the job is over.
    // untold: goes when the program was told that it is over, or is dead.
    void begin_job(std::weak_ptr<void> untold) {
        in_job_ = true;
        untold_job_ = std::move(untold);
    }
    Duration end_job() {
        in_job_ = false;
        untold_job_.reset();
        return std::exchange(job_cost_, Duration::zero());
    }
    void charge(Duration cost) {
        if (in_job_) job_cost_ += cost;
    }
    const std::weak_ptr<void>& untold_job() const { return untold_job_; }
    TimePoint now() const { return simulation_.now() + job_cost_; }

  private:
    Simulation& simulation_;
    std::string name_;
    bool alive_ = true;
    TimePoint stopped_until_ = TimePoint::min();
    bool in_job_ = false;
    Duration job_cost_{};  // of the one under way
    std::weak_ptr<void> untold_job_;
};

}  // namespace spate::sim
