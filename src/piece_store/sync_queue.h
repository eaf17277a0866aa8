// SyncQueue: the syncs of one store: whether something changed since the last one began, that one is made
// after the other and in its turn among those of all stores (DiskJobs), and what waits for the one under way:
// the owner's own tasks, a few. Owner: PieceStore. Thread: the reactor's.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include "piece_store/disk_jobs.h"

namespace spate::piece_store {

class SyncQueue {
  public:
    using Task = std::move_only_function<void()>;

    explicit SyncQueue(std::shared_ptr<DiskJobs> jobs)
        : seat_(std::make_shared<DiskSeat>(std::move(jobs), [this] { return begin_step(); })) {}
    SyncQueue(const SyncQueue&) = delete;
    SyncQueue& operator=(const SyncQueue&) = delete;

    // No state knows of something yet.
    void note_change() { changed_ = true; }
    bool changed() const { return changed_; }

    bool under_way() const { return under_way_; }
    void begin() {
        under_way_ = true;
        changed_ = false;
    }
    void end() { under_way_ = hurried_ = false; }
    // A step of the one under way, perhaps from in here: it submits one job to pool(), to that disk.
    void in_turn(std::uint64_t disk, Task step) {
        step_ = std::move(step);
        seat_->set_disk(disk);
        seat_->want(hurried_);
    }
    // Somebody waits for the end of this one, or of one after it: it goes before those of other stores.
    void hurry() {
        hurried_ = true;
        if (step_) seat_->want(hurried_);
    }
    io::WorkPool& pool() { return *seat_; }
    // Whether the disk refused the last one.
    void set_refused(bool refused) { refused_ = refused; }
    bool refused() const { return refused_; }

    void wait(Task task) { waiting_.push_back(std::move(task)); }
    // The first that waits; it may begin another one. Nothing while one is under way.
    void run_next() {
        if (under_way_ || waiting_.empty()) return;
        auto next = std::move(waiting_.front());
        waiting_.pop_front();
        next();
    }

  private:
    bool begin_step() {
        if (!step_) return false;
        std::exchange(step_, {})();
        return true;
    }

    const std::shared_ptr<DiskSeat> seat_;
    Task step_;  // that waits for its turn
    std::deque<Task> waiting_;
    bool changed_ = false;
    bool under_way_ = false;
    bool hurried_ = false;
    bool refused_ = false;
};

}  // namespace spate::piece_store
