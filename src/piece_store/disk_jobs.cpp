#include "piece_store/disk_jobs.h"

#include <algorithm>
#include <utility>

namespace spate::piece_store {

DiskSeat::~DiskSeat() {
    if (waits_) std::erase(jobs_->waiting_, this);
}

void DiskSeat::want() {
    if (!std::exchange(waits_, true)) jobs_->waiting_.push_back(this);
    jobs_->begin_waiting();
}

void DiskSeat::submit(io::Callback job, io::Callback on_done) {
    jobs_->submit(*this, std::move(job), std::move(on_done));
}

void DiskJobs::begin_waiting() {
    while (running_ < jobs_max_ && !waiting_.empty()) {
        // Who has the fewest; of several who began its last one first.
        const auto next = std::ranges::min_element(waiting_, {}, &DiskSeat::running_);
        DiskSeat& seat = **next;
        if (seat.running_ == seat_max_) return;
        if (seat.begin_()) {
            waiting_.splice(waiting_.end(), waiting_, next);
        } else {
            seat.waits_ = false;
            waiting_.erase(next);
        }
    }
}

void DiskJobs::submit(DiskSeat& seat, io::Callback job, io::Callback on_done) {
    ++running_;
    ++seat.running_;
    pool_.submit(std::move(job), [weak = weak_from_this(), of = seat.weak_from_this(),
                                  on_done = std::move(on_done)]() mutable {
        if (const auto still = of.lock()) --still->running_;
        if (const auto self = weak.lock()) --self->running_;
        on_done();
        if (const auto self = weak.lock()) self->begin_waiting();
    });
}

}  // namespace spate::piece_store
