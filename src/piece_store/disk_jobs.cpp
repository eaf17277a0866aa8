#include "piece_store/disk_jobs.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace spate::piece_store {

DiskSeat::~DiskSeat() {
    if (waits_) std::erase(jobs_->waiting_, this);
}

void DiskSeat::want(bool first) {
    first_ |= first;
    if (!std::exchange(waits_, true)) jobs_->waiting_.push_back(this);
    jobs_->begin_waiting();
}

void DiskSeat::submit(io::Callback job, io::Callback on_done) {
    jobs_->submit(*this, std::move(job), std::move(on_done));
}

DiskJobs::DiskJobs(io::World& world, Limits limits)
    : world_(world), limits_(limits), timer_(world.reactor.make_timer([this] {
          find_late();
          begin_waiting();
      })) {}

bool DiskJobs::must_wait(const DiskSeat& seat) const {
    const auto hangs = [&](const Job& job) { return job.late && job.disk == seat.disk_; };
    return seat.running_ >= seat_max() || (seat.disk_ != 0 && std::ranges::any_of(under_way_, hangs));
}

void DiskJobs::begin_waiting() {
    while (may_begin() && !waiting_.empty()) {
        // Who has the fewest; of several who began its last one first.
        const auto next = std::ranges::min_element(waiting_, {}, [this](const DiskSeat* seat) {
            return std::tuple(must_wait(*seat), !seat->first_, seat->running_);
        });
        DiskSeat& seat = **next;
        if (must_wait(seat)) return;
        if (seat.begin_()) {
            seat.first_ = false;
            waiting_.splice(waiting_.end(), waiting_, next);
        } else {
            seat.waits_ = seat.first_ = false;
            waiting_.erase(next);
        }
    }
}

void DiskJobs::submit(DiskSeat& seat, io::Callback job, io::Callback on_done) {
    const auto under_way =
        under_way_.insert(under_way_.end(), Job{world_.reactor.now() + patience, seat.disk_});
    ++seat.running_;
    world_.pool.submit(std::move(job), [weak = weak_from_this(), of = seat.weak_from_this(), under_way,
                                        on_done = std::move(on_done)]() mutable {
        if (const auto still = of.lock()) --still->running_;
        if (const auto self = weak.lock()) self->end(under_way);
        on_done();
        if (const auto self = weak.lock()) self->begin_waiting();
    });
    find_late();
}

void DiskJobs::end(std::list<Job>::iterator job) {
    if (job->late) --late_;
    under_way_.erase(job);
    find_late();
}

void DiskJobs::find_late() {
    timer_->disarm();
    for (auto& job : under_way_) {
        if (job.late) continue;
        if (late_ == limits_.late_max) return;
        if (job.late_at > world_.reactor.now()) return timer_->arm(job.late_at);
        job.late = true;
        ++late_;
    }
}

}  // namespace spate::piece_store
