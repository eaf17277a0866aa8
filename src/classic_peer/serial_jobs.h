// SerialJobs: a WorkPool used one job at a time, in order: for what one thread at a time may use, such as a
// File. Destroying it drops what has not begun and every completion still to come; the job that runs
// finishes, so jobs own what they touch (shared_ptr). At most one job is in the pool; the waiting ones are
// counted, and owners cap them. Thread: the reactor's.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>

#include "io/work_pool.h"

namespace spate::classic_peer {

class SerialJobs {
  public:
    explicit SerialJobs(io::WorkPool& pool) : state_(std::make_shared<State>(State{&pool, {}, false})) {}
    ~SerialJobs() { state_->pool = nullptr; }
    SerialJobs(const SerialJobs&) = delete;
    SerialJobs& operator=(const SerialJobs&) = delete;

    // `job` gives a T on a pool thread; `done` gets it on the reactor's.
    template <class T>
    void run(std::move_only_function<T()> job, std::move_only_function<void(T)> done) {
        const auto result = std::make_shared<std::optional<T>>();
        state_->waiting.push_back(
            {[job = std::move(job), result]() mutable { result->emplace(job()); },
             [done = std::move(done), result]() mutable { done(std::move(**result)); }});
        start(state_);
    }
    bool idle() const { return !state_->busy && state_->waiting.empty(); }
    std::size_t waiting() const { return state_->waiting.size(); }

  private:
    struct Job {
        io::Callback work;
        io::Callback done;
    };
    struct State {
        io::WorkPool* pool;  // null once the owner is gone
        std::deque<Job> waiting;
        bool busy;
    };

    static void start(const std::shared_ptr<State>& state) {
        if (state->busy || state->pool == nullptr || state->waiting.empty()) return;
        Job job = std::move(state->waiting.front());
        state->waiting.pop_front();
        state->busy = true;
        state->pool->submit(std::move(job.work), [state, done = std::move(job.done)]() mutable {
            state->busy = false;
            if (state->pool == nullptr) return;
            start(state);
            done();
        });
    }

    std::shared_ptr<State> state_;
};

}  // namespace spate::classic_peer
