// DiskCalls: what a call of a program on a disk takes, and what goes wrong with it: errors at a rate or on
// purpose, slowness, a kill or a power cut at a chosen call. Owner: Disk.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "sim/life.h"

namespace spate::sim {

enum class DiskCall { read, write, sync, open, info, list, change, lock };

struct DiskFaults {
    PerMillion read_error = 0;                        // EIO
    PerMillion write_error = 0;                       // EIO, a part may be written
    PerMillion sync_error = 0;                        // EIO, what was not synced counts as lost
    PerMillion change_error = 0;                      // EIO from create, rename, remove, resize
    bool read_only = false;                           // EROFS
    std::uint64_t capacity = std::uint64_t{1} << 40;  // bytes; ENOSPC beyond
    std::uint64_t slowdown = 1;                       // all latencies times this
};

struct DiskLatency {
    Duration read_max = std::chrono::milliseconds(2);
    Duration write_max = std::chrono::milliseconds(1);
    Duration sync_max = std::chrono::milliseconds(20);
    PerMillion cached = 600'000;  // of reads that only memory may answer: those that it does
};

class DiskCalls {
  public:
    explicit DiskCalls(Simulation& simulation) : simulation_(simulation) {}
    DiskCalls(const DiskCalls&) = delete;
    DiskCalls& operator=(const DiskCalls&) = delete;

    DiskFaults& faults() { return faults_; }
    const DiskFaults& faults() const { return faults_; }
    DiskLatency& latency() { return latency_; }
    // Runs once, before the call of that number from now (1: the next one) takes effect.
    void before(std::uint64_t number, std::function<void()> action);
    std::uint64_t count() const { return count_; }

    // Counts it, charges its time, or fails.
    Result<void> begin(Life& life, DiskCall call, const std::string& operation, const std::string& path);
    // A sync failed, and its program cannot know it yet.
    bool is_losing() const;

  private:
    PerMillion error_rate(DiskCall call) const;

    Simulation& simulation_;
    DiskFaults faults_;
    DiskLatency latency_;
    std::uint64_t count_ = 0;
    std::map<std::uint64_t, std::function<void()>> actions_;  // by the number of their call
    std::vector<std::weak_ptr<void>> losing_;                 // jobs in which a sync failed
};

}  // namespace spate::sim
