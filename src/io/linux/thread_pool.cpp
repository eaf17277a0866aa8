#include "io/linux/thread_pool.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "io/linux/blocked_signals.h"

namespace spate::io_linux {
namespace {
struct Job {
    io::Callback work;
    io::Callback on_done;
};
}  // namespace

// What the threads share with one pool. All but run_completions() with the workers' lock held.
struct ThreadPool::Port : std::enable_shared_from_this<Port> {
    Port(io::Reactor& r, std::mutex& m) : reactor(&r), mutex(m) {}

    void finish(Job job);
    void run_completions();

    io::Reactor* reactor;
    std::mutex& mutex;  // the workers', which outlive it
    std::condition_variable rested;
    std::size_t running = 0;
    std::vector<Job> finished;
    bool completions_posted = false;
    bool closed = false;  // written on the reactor's thread only
};

struct ThreadPool::Workers : std::enable_shared_from_this<Workers> {
    Workers(std::size_t max, AtEnd end) : threads_max(max), at_end(end) {}

    void work();
    void grow();

    const std::size_t threads_max;
    const AtEnd at_end;
    std::mutex mutex;
    std::condition_variable job_waits;
    std::condition_variable room;
    std::deque<std::pair<std::shared_ptr<Port>, Job>> queue;
    std::vector<std::thread> threads;
    std::size_t idle = 0;
    std::size_t pools = 0;
    bool ended = false;
};

void ThreadPool::Workers::work() {
    std::unique_lock lock(mutex);
    for (;;) {
        ++idle;
        job_waits.wait(lock, [this] { return ended || !queue.empty(); });
        --idle;
        if (ended) return;
        auto [port, job] = std::move(queue.front());
        queue.pop_front();
        room.notify_one();
        ++port->running;
        lock.unlock();
        job.work();
        lock.lock();
        port->finish(std::move(job));
        if (--port->running == 0) port->rested.notify_all();
    }
}

// With the lock held.
void ThreadPool::Workers::grow() {
    const BlockedSignals inherited;
    try {
        threads.emplace_back([workers = shared_from_this()] { workers->work(); });
    } catch (const std::system_error&) {
        if (threads.empty()) throw;  // nobody would ever do the job
    }
}

// The reactor is there as long as the pool is not closed.
void ThreadPool::Port::finish(Job job) {
    finished.push_back(std::move(job));
    if (closed || std::exchange(completions_posted, true)) return;
    reactor->post([self = shared_from_this()] { self->run_completions(); });
}

void ThreadPool::Port::run_completions() {
    std::vector<Job> batch;
    {
        const std::lock_guard lock(mutex);
        completions_posted = false;
        batch.swap(finished);
    }
    for (Job& job : batch) {
        if (closed) return;  // a completion destroyed the pool
        job.work = nullptr;
        job.on_done();
    }
}

ThreadPool::ThreadPool(io::Reactor& reactor, std::size_t threads_max, AtEnd at_end)
    : workers_(std::make_shared<Workers>(threads_max, at_end)),
      port_(std::make_shared<Port>(reactor, workers_->mutex)) {
    SPATE_ASSERT(threads_max > 0);
    workers_->pools = 1;
}

ThreadPool::ThreadPool(io::Reactor& reactor, const ThreadPool& other)
    : workers_(other.workers_), port_(std::make_shared<Port>(reactor, workers_->mutex)) {
    const std::lock_guard lock(workers_->mutex);
    ++workers_->pools;
}

ThreadPool::~ThreadPool() {
    std::vector<std::pair<std::shared_ptr<Port>, Job>> dropped;
    std::vector<std::thread> threads;
    {
        const std::lock_guard lock(workers_->mutex);
        port_->closed = true;
        auto& queue = workers_->queue;
        const auto own = std::stable_partition(queue.begin(), queue.end(),
                                               [&](const auto& job) { return job.first != port_; });
        dropped.assign(std::make_move_iterator(own), std::make_move_iterator(queue.end()));
        queue.erase(own, queue.end());
    }
    if (!dropped.empty()) workers_->room.notify_all();
    dropped.clear();
    {
        std::unique_lock lock(workers_->mutex);
        if (workers_->at_end == AtEnd::join) port_->rested.wait(lock, [this] { return port_->running == 0; });
        if (--workers_->pools == 0) {
            workers_->ended = true;
            threads.swap(workers_->threads);
        }
    }
    workers_->job_waits.notify_all();
    for (std::thread& thread : threads) workers_->at_end == AtEnd::join ? thread.join() : thread.detach();
}

void ThreadPool::submit(io::Callback job, io::Callback on_done) {
    {
        std::unique_lock lock(workers_->mutex);
        workers_->room.wait(lock, [this] { return workers_->queue.size() < jobs_max; });
        workers_->queue.emplace_back(port_, Job{std::move(job), std::move(on_done)});
        if (workers_->queue.size() > workers_->idle && workers_->threads.size() < workers_->threads_max)
            workers_->grow();
    }
    workers_->job_waits.notify_one();
}

}  // namespace spate::io_linux
