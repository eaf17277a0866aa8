// SimWorkPool: a process's pool: `threads` jobs at a time in virtual time. A job's code runs at one instant;
// what its disk calls cost, and a drawn service time, pass before its completion.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>

#include "io/work_pool.h"
#include "sim/life.h"

namespace spate::sim {

struct WorkPoolSettings {
    std::size_t threads = 2;
    Duration service_min{};
    Duration service_max = std::chrono::microseconds(200);
};

class SimWorkPool final : public io::WorkPool {
  public:
    SimWorkPool(std::shared_ptr<Life> life, WorkPoolSettings settings)
        : life_(std::move(life)), settings_(settings) {}
    void submit(io::Callback job, io::Callback on_done) override;

  private:
    struct Task {
        io::Callback job;
        io::Callback on_done;
        ScheduledEvent next{};
        std::shared_ptr<void> untold = std::make_shared<int>();
    };
    void start_waiting();
    void run_job(std::uint64_t id);
    void complete(std::uint64_t id);

    std::shared_ptr<Life> life_;
    WorkPoolSettings settings_;
    std::deque<Task> waiting_;
    std::map<std::uint64_t, Task> running_;
    std::uint64_t next_id_ = 1;
};

}  // namespace spate::sim
