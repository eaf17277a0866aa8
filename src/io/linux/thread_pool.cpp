#include "io/linux/thread_pool.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <utility>

#include "base/assert.h"
#include "io/linux/blocked_signals.h"

namespace spate::io_linux {
namespace {
struct Job {
    io::Callback work;
    io::Callback on_done;
};
}  // namespace

struct ThreadPool::Shared : std::enable_shared_from_this<Shared> {
    explicit Shared(io::Reactor& r) : reactor(&r) {}

    void work();
    void finish(Job job);
    void run_completions();

    std::mutex mutex;
    std::condition_variable job_waits;
    std::condition_variable room;
    std::deque<Job> queue;
    std::vector<Job> finished;
    std::size_t idle = 0;
    bool completions_posted = false;
    bool closed = false;  // written on the reactor's thread only
    io::Reactor* reactor;
};

void ThreadPool::Shared::work() {
    std::unique_lock lock(mutex);
    for (;;) {
        ++idle;
        job_waits.wait(lock, [this] { return closed || !queue.empty(); });
        --idle;
        if (closed) return;
        Job job = std::move(queue.front());
        queue.pop_front();
        room.notify_one();
        lock.unlock();
        job.work();
        lock.lock();
        finish(std::move(job));
    }
}

// With the lock held: the reactor is there as long as the pool is not closed.
void ThreadPool::Shared::finish(Job job) {
    finished.push_back(std::move(job));
    if (closed || std::exchange(completions_posted, true)) return;
    reactor->post([self = shared_from_this()] { self->run_completions(); });
}

void ThreadPool::Shared::run_completions() {
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
    : threads_max_(threads_max), at_end_(at_end), shared_(std::make_shared<Shared>(reactor)) {
    SPATE_ASSERT(threads_max > 0);
}

ThreadPool::~ThreadPool() {
    std::deque<Job> dropped;
    {
        const std::lock_guard lock(shared_->mutex);
        shared_->closed = true;
        dropped.swap(shared_->queue);
    }
    dropped.clear();
    shared_->job_waits.notify_all();
    for (std::thread& thread : threads_) at_end_ == AtEnd::join ? thread.join() : thread.detach();
}

void ThreadPool::submit(io::Callback job, io::Callback on_done) {
    bool grow = false;
    {
        std::unique_lock lock(shared_->mutex);
        shared_->room.wait(lock, [this] { return shared_->queue.size() < jobs_max; });
        shared_->queue.push_back({std::move(job), std::move(on_done)});
        grow = shared_->queue.size() > shared_->idle && threads_.size() < threads_max_;
    }
    shared_->job_waits.notify_one();
    if (!grow) return;
    const BlockedSignals inherited;
    try {
        threads_.emplace_back([shared = shared_] { shared->work(); });
    } catch (const std::system_error&) {
        if (threads_.empty()) throw;  // nobody would ever do the job
    }
}

}  // namespace spate::io_linux
