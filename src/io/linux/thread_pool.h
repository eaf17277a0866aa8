// ThreadPool: io::WorkPool on threads, made as they are needed. Completions go to the reactor in batches: one
// wake-up for all that finished since the last. Several pools, each of another reactor, may work with the
// same threads: first come, first served.
// Limits: at most `threads_max` threads; at most jobs_max jobs wait for them. A full queue makes submit()
// wait for room, the last line of defence: owners keep far fewer jobs under way, by their own caps. Thread:
// submit() and destruction on the reactor's thread. Job and completion objects are destroyed on the reactor's
// thread too, while the pool lives.
#pragma once

#include <cstddef>
#include <memory>

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
    // With the threads of another one, which may go first.
    ThreadPool(io::Reactor& reactor, const ThreadPool& other);
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;
    ~ThreadPool() override;

    void submit(io::Callback job, io::Callback on_done) override;

  private:
    struct Port;
    struct Workers;
    std::shared_ptr<Workers> workers_;  // with the threads: a detached one outlives the pool
    std::shared_ptr<Port> port_;        // with its jobs
};

}  // namespace spate::io_linux
