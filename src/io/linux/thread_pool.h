// ThreadPool: io::WorkPool on threads, made as they are needed. Completions go to the reactor in batches: one
// wake-up for all that finished since the last.
// Limits: at most `threads_max` threads; at most jobs_max jobs wait. A full queue makes submit() wait for
// room, the last line of defence: owners keep far fewer jobs under way, by their own caps. Thread: submit()
// and destruction on the reactor's thread. Job and completion objects are destroyed on the reactor's thread
// too, while the pool lives.
#pragma once

#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

#include "io/work_pool.h"

namespace spate::io_linux {

enum class AtEnd {
    join,    // destruction waits for the jobs that were begun
    detach,  // it does not; for jobs that may take minutes and hold nothing of ours (name lookups)
};

class ThreadPool final : public io::WorkPool {
  public:
    static constexpr std::size_t jobs_max = 65'536;

    ThreadPool(io::Reactor& reactor, std::size_t threads_max, AtEnd at_end);
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;
    ~ThreadPool() override;

    void submit(io::Callback job, io::Callback on_done) override;

  private:
    struct Shared;
    const std::size_t threads_max_;
    const AtEnd at_end_;
    std::shared_ptr<Shared> shared_;  // with the threads: a detached one outlives the pool
    std::vector<std::thread> threads_;
};

}  // namespace spate::io_linux
