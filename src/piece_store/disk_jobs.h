// DiskJobs: the pool jobs of one kind of all stores: those that read pieces or tell a disk what will be read,
// or those that sync. A pool takes jobs in the order in which they come: a store on a slow disk that
// submitted all it has to read would make hashing, syncs and the reads of other disks wait behind it, and so
// would many stores that sync at once. So few are under way at a time, whoever has the fewest of them goes
// first, and one place is left to those that have none. Limits: jobs_max at a time, of one store one less.
// Owner: Resources. Thread: the reactor's.
#pragma once

#include <functional>
#include <list>
#include <memory>

#include "io/work_pool.h"

namespace spate::piece_store {

class DiskJobs;

// A store's seat among them, as a pool to submit to when its turn comes. It may go while jobs are under way.
class DiskSeat final : public io::WorkPool, public std::enable_shared_from_this<DiskSeat> {
  public:
    // begin: submits one job and says true, or has none.
    DiskSeat(std::shared_ptr<DiskJobs> jobs, std::move_only_function<bool()> begin)
        : jobs_(std::move(jobs)), begin_(std::move(begin)) {}

    ~DiskSeat() override;
    DiskSeat(const DiskSeat&) = delete;
    DiskSeat& operator=(const DiskSeat&) = delete;

    // There is something to begin: begin() is called when it may be, perhaps from in here, until it has no
    // more.
    void want();
    // From inside begin() only.
    void submit(io::Callback job, io::Callback on_done) override;

  private:
    friend class DiskJobs;
    const std::shared_ptr<DiskJobs> jobs_;
    std::move_only_function<bool()> begin_;
    unsigned running_ = 0;
    bool waits_ = false;  // in the list of DiskJobs
};

class DiskJobs final : public std::enable_shared_from_this<DiskJobs> {
  public:
    DiskJobs(io::WorkPool& pool, unsigned jobs_max)
        : pool_(pool), jobs_max_(jobs_max), seat_max_(jobs_max > 1 ? jobs_max - 1 : 1) {}

  private:
    friend class DiskSeat;
    void begin_waiting();
    void submit(DiskSeat& seat, io::Callback job, io::Callback on_done);

    io::WorkPool& pool_;
    const unsigned jobs_max_;
    const unsigned seat_max_;
    unsigned running_ = 0;
    std::list<DiskSeat*> waiting_;  // who began last is last
};

}  // namespace spate::piece_store
