// HashRun: hashes all pieces of a content on a WorkPool, `plan.jobs` batches at a time, and hands each
// batch's hashes to its owner on the reactor's thread, in any order. Destroying it stops the jobs that run
// (they end within one step) and calls nothing any more. Thread: the reactor's; progress() any.
#pragma once

#include <functional>
#include <memory>

#include "creation/batch_hasher.h"
#include "io/work_pool.h"

namespace spate::creation {

class HashRun {
  public:
    struct Handler {
        // False: enough, nothing more is wanted; then on_done is not called.
        std::move_only_function<bool(metainfo::PieceRange, BatchResult)> on_batch;
        io::Callback on_done;  // every batch was handed over; may destroy the run
    };

    HashRun(io::WorkPool& pool, std::shared_ptr<const Content> content, const HashPlan& plan,
            Handler handler);
    HashRun(const HashRun&) = delete;
    HashRun& operator=(const HashRun&) = delete;
    ~HashRun();

    // Once. A content without pieces is done at once, in a later turn.
    void start();
    // Bytes of the piece address space that are done.
    std::uint64_t bytes_done() const;

  private:
    struct State;
    struct Worker;
    static void next(const std::shared_ptr<State>& state, std::shared_ptr<Worker> worker);
    static void finished(const std::shared_ptr<State>& state, const std::shared_ptr<Worker>& worker);
    std::shared_ptr<State> state_;
};

}  // namespace spate::creation
