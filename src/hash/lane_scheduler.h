// Keeps the lanes of a kernel busy: takes jobs (a chaining state and whole blocks to hash into it) from a
// source, runs as many side by side as there are lanes, gives a lane its next job when its last one ends, and
// hands the last few, too few for the vectors to pay, to the one-lane kernel. Internal to lanes.cpp. Pure;
// caps: one job a lane.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "hash/kernels.h"

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
    // words: of the chaining state. one: the one-lane kernel of the same algorithm.
    LaneScheduler(unsigned lanes, unsigned words, unsigned break_even, CompressLanes wide, CompressLanes one);

    void run(JobSource& source);

  private:
    bool refill(unsigned lane, JobSource& source);
    void step(JobSource& source);
    void advance(unsigned lane, std::size_t blocks, JobSource& source);
    void store_state(unsigned lane);
    void finish_alone(unsigned lane, JobSource& source);

    alignas(64) std::array<std::uint32_t, 8 * kMaxLanes> state_;
    std::array<LaneJob, kMaxLanes> jobs_;
    std::array<bool, kMaxLanes> busy_{};
    unsigned busy_lanes_ = 0;
    unsigned lanes_;
    unsigned words_;
    unsigned break_even_;
    CompressLanes wide_;
    CompressLanes one_;
};

}  // namespace spate::hash
