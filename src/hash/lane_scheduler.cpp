#include "hash/lane_scheduler.h"

#include <algorithm>

#include "base/assert.h"

namespace spate::hash {

namespace {
// The run being hashed: the first with blocks left, or nullptr.
LaneJob::Run* current_run(LaneJob& job) {
    for (LaneJob::Run& run : job.runs)
        if (run.blocks > 0) return &run;
    return nullptr;
}
}  // namespace

LaneScheduler::LaneScheduler(unsigned lanes, unsigned words, unsigned break_even, CompressLanes wide,
                             CompressLanes one)
    : lanes_(lanes), words_(words), break_even_(std::max(break_even, 1U)), wide_(wide), one_(one) {
    SPATE_ASSERT(lanes_ >= 1 && lanes_ <= kMaxLanes && words_ <= 8);
    state_.fill(0);
}

bool LaneScheduler::refill(unsigned lane, JobSource& source) {
    LaneJob& job = jobs_[lane];
    if (!source.next(job)) return false;
    for (unsigned word = 0; word < words_; ++word) state_[word * lanes_ + lane] = job.state[word];
    return true;
}

void LaneScheduler::store_state(unsigned lane) {
    for (unsigned word = 0; word < words_; ++word) jobs_[lane].state[word] = state_[word * lanes_ + lane];
}

void LaneScheduler::run(JobSource& source) {
    busy_.fill(false);
    for (busy_lanes_ = 0; busy_lanes_ < lanes_ && refill(busy_lanes_, source); ++busy_lanes_)
        busy_[busy_lanes_] = true;
    while (busy_lanes_ >= break_even_) step(source);
    for (unsigned lane = 0; lane < lanes_; ++lane)
        if (busy_[lane]) finish_alone(lane, source);
}

// Hashes as many blocks as the shortest run of the busy lanes has. Idle lanes hash another lane's bytes for
// nothing.
void LaneScheduler::step(JobSource& source) {
    std::array<const std::uint8_t*, kMaxLanes> data{};
    const std::uint8_t* idle = nullptr;
    std::size_t blocks = SIZE_MAX;
    for (unsigned lane = 0; lane < lanes_; ++lane) {
        if (!busy_[lane]) continue;
        const LaneJob::Run* run = current_run(jobs_[lane]);
        SPATE_ASSERT(run != nullptr);
        data[lane] = idle = run->data;
        blocks = std::min(blocks, run->blocks);
    }
    for (unsigned lane = 0; lane < lanes_; ++lane)
        if (!busy_[lane]) data[lane] = idle;
    wide_(state_.data(), data.data(), blocks);
    for (unsigned lane = 0; lane < lanes_; ++lane)
        if (busy_[lane]) advance(lane, blocks, source);
}

void LaneScheduler::advance(unsigned lane, std::size_t blocks, JobSource& source) {
    LaneJob::Run* run = current_run(jobs_[lane]);
    run->data += blocks * kHashBlock;
    run->blocks -= blocks;
    if (current_run(jobs_[lane]) != nullptr) return;
    store_state(lane);
    source.done(jobs_[lane]);
    if (refill(lane, source)) return;
    busy_[lane] = false;
    --busy_lanes_;
}

void LaneScheduler::finish_alone(unsigned lane, JobSource& source) {
    store_state(lane);
    LaneJob& job = jobs_[lane];
    for (const LaneJob::Run& run : job.runs)
        if (run.blocks > 0) one_(job.state.data(), &run.data, run.blocks);
    source.done(job);
    busy_[lane] = false;
    --busy_lanes_;
}

}  // namespace spate::hash
