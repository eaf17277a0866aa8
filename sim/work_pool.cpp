#include "sim/work_pool.h"

namespace spate::sim {

void SimWorkPool::submit(io::Callback job, io::Callback on_done) {
    waiting_.push_back({std::move(job), std::move(on_done)});
    start_waiting();
}

void SimWorkPool::start_waiting() {
    while (!waiting_.empty() && running_.size() < settings_.threads) {
        const auto id = next_id_++;
        auto& task = running_[id] = std::move(waiting_.front());
        waiting_.pop_front();
        task.next = life_->schedule_soon([this, id] { run_job(id); });
    }
}

void SimWorkPool::run_job(std::uint64_t id) {
    auto& simulation = life_->simulation();
    auto& task = running_.at(id);
    life_->begin_job(task.untold);
    task.job();
    task.job = nullptr;  // what it captured goes when it is over, as on a thread
    const auto cost = life_->end_job() + simulation.between(settings_.service_min, settings_.service_max);
    simulation.record(life_->name(), "job", {id, static_cast<std::uint64_t>(cost.count())});
    task.next = life_->schedule(simulation.now() + cost, [this, id] { complete(id); });
}

void SimWorkPool::complete(std::uint64_t id) {
    auto task = std::move(running_.at(id));
    running_.erase(id);
    start_waiting();
    task.on_done();
}

}  // namespace spate::sim
