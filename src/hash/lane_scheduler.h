// Keeps the lanes of kernels busy: takes jobs (a chaining state and whole blocks to hash into it) from a
// source, always runs the kernel that is fastest for as many as are at hand, and gives a lane its next job
// when its last one ends. Internal to lanes.cpp. Pure; caps: kMaxLanes jobs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "hash/kernel_ladder.h"

namespace spate::hash {

struct LaneJob {
    struct Run {
        const std::uint8_t* data;
        std::size_t blocks;
    };
    std::array<std::uint32_t, 8> state;  // in and out
    std::array<Run, 2> runs;             // hashed in order; at least one block in all
    std::size_t id;                      // the source's own
    std::array<std::uint8_t, 2 * kHashBlock>
        tail;  // room for bytes of the source's making, which a run may point to
};

class JobSource {
  public:
    // Fills in the next job, in place (it does not move before done()); false when there is none any more.
    virtual bool next(LaneJob& job) = 0;
    virtual void done(const LaneJob& job) = 0;

  protected:
    ~JobSource() = default;
};

class LaneScheduler {
  public:
    // words: of the chaining state.
    LaneScheduler(const KernelLadder& ladder, unsigned words);

    void run(JobSource& source);

  private:
    void run_rung(const KernelLadder::Rung& rung, JobSource& source);
    std::size_t step(const KernelLadder::Rung& rung, unsigned lanes);
    bool advance(const KernelLadder::Rung& rung, unsigned lane, std::size_t blocks, JobSource& source);
    void load_state(unsigned lane, unsigned lanes);
    void store_state(unsigned lane, unsigned lanes);

    alignas(64) std::array<std::uint32_t, 8 * kMaxLanes> state_;  // of the jobs in lanes
    std::array<LaneJob, kMaxLanes> jobs_;
    std::array<LaneJob*, kMaxLanes> busy_;  // the first of them are in lanes
    unsigned busy_count_ = 0;
    const KernelLadder& ladder_;
    unsigned words_;
};

}  // namespace spate::hash
