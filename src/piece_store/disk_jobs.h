// DiskJobs: the pool jobs of one kind of all stores: those that read pieces or tell a disk what will be read,
// or those that sync. A pool takes jobs in the order in which they come: a store on a slow disk that
// submitted all it has to read would make hashing, syncs and the reads of other disks wait behind it, and so
// would many stores that sync at once. So few are under way at a time, whoever has the fewest of them goes
// first, and one place is left to those that have none. One that takes longer than `patience`, as on a disk
// that hangs, leaves its place to others, but not to those of that same disk: they would hang as well, and
// take one place after the other. Limits: jobs_max at a time, of one store one less, and late_max
// that left their places. Owner: Resources. Thread: the reactor's.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>

#include "io/world.h"

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

    // Where its jobs go (io::Folder::disk()).
    void set_disk(std::uint64_t disk) { disk_ = disk; }
    // There is something to begin: begin() is called when it may be, perhaps from in here, until it has no
    // more. first: before all others that wait.
    void want(bool first = false);
    // From inside begin() only.
    void submit(io::Callback job, io::Callback on_done) override;

  private:
    friend class DiskJobs;
    const std::shared_ptr<DiskJobs> jobs_;
    std::move_only_function<bool()> begin_;
    std::uint64_t disk_ = 0;
    unsigned running_ = 0;
    bool waits_ = false;  // in the list of DiskJobs
    bool first_ = false;
};

class DiskJobs final : public std::enable_shared_from_this<DiskJobs> {
  public:
    static constexpr Duration patience = std::chrono::seconds(5);
    struct Limits {
        unsigned jobs_max;
        unsigned late_max = 0;
    };

    DiskJobs(io::World& world, Limits limits);

  private:
    friend class DiskSeat;
    struct Job {
        TimePoint late_at;
        std::uint64_t disk;
        bool late = false;
    };
    unsigned seat_max() const { return limits_.jobs_max > 1 ? limits_.jobs_max - 1 : 1; }
    bool may_begin() const { return under_way_.size() - late_ < limits_.jobs_max; }
    // As much as one may have, or on a disk where one is late.
    bool must_wait(const DiskSeat& seat) const;
    void begin_waiting();
    void submit(DiskSeat& seat, io::Callback job, io::Callback on_done);
    void end(std::list<Job>::iterator job);
    void find_late();

    io::World& world_;
    const Limits limits_;
    const std::unique_ptr<io::Timer> timer_;
    std::list<Job> under_way_;  // the longest first
    unsigned late_ = 0;
    std::list<DiskSeat*> waiting_;  // who began last is last
};

}  // namespace spate::piece_store
