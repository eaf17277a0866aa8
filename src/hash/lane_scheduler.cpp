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

LaneScheduler::LaneScheduler(const KernelLadder& ladder, unsigned words) : ladder_(ladder), words_(words) {
    SPATE_ASSERT(words_ <= 8);
    state_.fill(0);
}

void LaneScheduler::load_state(unsigned lane, unsigned lanes) {
    for (unsigned word = 0; word < words_; ++word) state_[word * lanes + lane] = busy_[lane]->state[word];
}

void LaneScheduler::store_state(unsigned lane, unsigned lanes) {
    for (unsigned word = 0; word < words_; ++word) busy_[lane]->state[word] = state_[word * lanes + lane];
}

void LaneScheduler::run(JobSource& source) {
    busy_count_ = 0;
    for (LaneJob& job : jobs_) {
        if (!source.next(job)) break;
        busy_[busy_count_++] = &job;
    }
    while (busy_count_ > 0) run_rung(ladder_.rung(busy_count_), source);
}

// Until a step ends with a lane's job done and no next one: then another rung may be faster.
void LaneScheduler::run_rung(const KernelLadder::Rung& rung, JobSource& source) {
    const unsigned lanes = std::min(rung.lanes, busy_count_);
    for (unsigned lane = 0; lane < lanes; ++lane) load_state(lane, rung.lanes);
    for (bool full = true; full;) {
        const std::size_t blocks = step(rung, lanes);
        for (unsigned lane = 0; lane < lanes; ++lane) full &= advance(rung, lane, blocks, source);
    }
    for (unsigned lane = 0; lane < lanes; ++lane)
        if (busy_[lane] != nullptr) store_state(lane, rung.lanes);
    const auto end = std::remove(busy_.begin(), busy_.begin() + busy_count_, nullptr);
    busy_count_ = static_cast<unsigned>(end - busy_.begin());
}

// Hashes as many blocks as the shortest run in the lanes has, and gives their number. Idle lanes hash another
// lane's bytes for nothing.
std::size_t LaneScheduler::step(const KernelLadder::Rung& rung, unsigned lanes) {
    std::array<const std::uint8_t*, kMaxLanes> data{};
    std::size_t blocks = SIZE_MAX;
    for (unsigned lane = 0; lane < lanes; ++lane) {
        const LaneJob::Run* run = current_run(*busy_[lane]);
        SPATE_ASSERT(run != nullptr);
        data[lane] = run->data;
        blocks = std::min(blocks, run->blocks);
    }
    for (unsigned lane = lanes; lane < rung.lanes; ++lane) data[lane] = data[0];
    rung.compress(state_.data(), data.data(), blocks);
    return blocks;
}

// False if the lane is idle from now on.
bool LaneScheduler::advance(const KernelLadder::Rung& rung, unsigned lane, std::size_t blocks,
                            JobSource& source) {
    LaneJob& job = *busy_[lane];
    LaneJob::Run* run = current_run(job);
    run->data += blocks * kHashBlock;
    run->blocks -= blocks;
    if (current_run(job) != nullptr) return true;
    store_state(lane, rung.lanes);
    source.done(job);
    if (source.next(job)) {
        load_state(lane, rung.lanes);
        return true;
    }
    busy_[lane] = nullptr;
    return false;
}

}  // namespace spate::hash
