// SyncQueue: the syncs of one store: whether something changed since the last one began, that one is made
// after the other, and what waits for the one under way: the owner's own tasks, a few. Pure. Owner:
// PieceStore. Thread: the reactor's.
#pragma once

#include <deque>
#include <functional>
#include <utility>

namespace spate::piece_store {

class SyncQueue {
  public:
    using Task = std::move_only_function<void()>;

    // No state knows of something yet.
    void note_change() { changed_ = true; }
    bool changed() const { return changed_; }

    bool under_way() const { return under_way_; }
    void begin() {
        under_way_ = true;
        changed_ = false;
    }
    void end() { under_way_ = false; }
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
    std::deque<Task> waiting_;
    bool changed_ = false;
    bool under_way_ = false;
    bool refused_ = false;
};

}  // namespace spate::piece_store
