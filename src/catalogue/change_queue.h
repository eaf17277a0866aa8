// ChangeQueue: brings changes to the disk and only then into the catalogue. Requests that wait are planned
// together over the stored state (draft.h), committed as one transaction on the pool, adopted, and answered.
// One batch at a time.
//
//   idle --submit--> storing --committed--> idle (or the next batch)
//                       | failed: all of the batch are answered "fail", the catalogue stays as it was
//                       v
//                    loading: the store is opened again and read, as the disk alone knows what it kept
//                       | worked: idle, the catalogue is what the disk has    | failed, or failed before
//                       without a v                                                    v good commit since:
//                       pause
//                      ...                                  resting: all are answered "fail" at once, then
//                      loading
//
// Invariant: the catalogue is what the store held when last opened, and every batch that was committed since.
// Owner: CatalogueService. Thread: the reactor's.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "base/time.h"
#include "catalogue/catalogue.h"
#include "catalogue/disk.h"
#include "catalogue/draft.h"
#include "catalogue/limits.h"
#include "catalogue/outcome.h"
#include "io/reactor.h"
#include "io/work_pool.h"

namespace spate::catalogue {

class ChangeQueue {
  public:
    using Plan = std::move_only_function<Outcome(Draft&)>;
    using OnDone = std::move_only_function<void(const Outcome&)>;

    static constexpr Duration rest_min = std::chrono::milliseconds(250);
    static constexpr Duration rest_max = std::chrono::seconds(30);

    class Observer {
      public:
        virtual ~Observer() = default;
        // The catalogue has changed. Comes before the answers.
        virtual void on_adopted(const Changes& changes) = 0;
        virtual void on_reloaded() = 0;
    };

    // Everything given outlives the queue. `disk` has its store open and `catalogue` is what that holds.
    ChangeQueue(io::Reactor& reactor, io::WorkPool& pool, Log& log, const Limits& limits,
                Catalogue& catalogue, std::shared_ptr<Disk> disk, Observer& observer);
    ~ChangeQueue();

    // `plan` runs once or never, `on_done` once, in a later turn.
    void submit(Plan plan, OnDone on_done);
    // In a later turn, without the disk.
    void answer(OnDone on_done, Outcome outcome);

    bool idle() const { return state_ == State::idle; }
    std::size_t waiting() const { return waiting_.size(); }
    bool disk_ok() const { return failures_ == 0; }
    std::uint64_t stored() const { return stored_; }
    std::uint64_t failed() const { return failed_; }
    std::uint64_t batches() const { return batches_; }

  private:
    enum class State { idle, storing, loading, resting };
    struct Request {
        Plan plan;
        OnDone on_done;
    };
    struct Batch;
    struct Load;

    void start_batch();
    void on_stored(Batch& batch);
    void start_loading();
    void on_loaded(Load& load);
    void rest();
    void fail_waiting(const std::string& reason);
    void after_failure(const Error& error);

    io::Reactor& reactor_;
    io::WorkPool& pool_;
    Log& log_;
    const Limits& limits_;
    Catalogue& catalogue_;
    std::shared_ptr<Disk> disk_;
    Observer& observer_;
    State state_ = State::idle;
    std::vector<Request> waiting_;
    std::string last_error_;
    std::uint32_t failures_ = 0;  // since the last good commit
    std::uint64_t stored_ = 0, failed_ = 0, batches_ = 0;
    std::unique_ptr<io::Timer> timer_;    // ends a rest
    std::shared_ptr<ChangeQueue*> self_;  // completions look whether we are still there
};

}  // namespace spate::catalogue
