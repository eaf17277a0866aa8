// Resources: what all piece stores of one reactor thread share: memory for blocks that wait for hash or disk,
// the hash queue, open files, windows of files being sent, and the jobs that read them or sync. Limits:
// ResourceLimits, over all torrents together. Owner: Session; outlives the stores. Thread: the reactor's.
#pragma once

#include <cstdint>
#include <memory>

#include "io/world.h"
#include "piece_store/buffer_budget.h"
#include "piece_store/reactor_reads.h"

namespace spate::piece_store {

class FileHandles;
class HashQueue;
class IdleSegments;
class DiskJobs;
class WindowCache;

struct ResourceLimits {
    std::size_t write_bytes = std::size_t{64} << 20;  // received, not yet on disk
    Ledger* write_ledger = nullptr;                   // instead, of several threads; outlives them
    std::size_t window_bytes = std::size_t{8} << 20;  // of pieces, kept in memory for the next request
    std::size_t open_files = 128;
    unsigned jobs = 2;        // pool jobs that hash at a time
    unsigned read_jobs = 4;   // that read pieces to send
    unsigned sync_jobs = 2;   // that bring files to the disk for good
    unsigned late_syncs = 4;  // besides, that take so long that others go on without them
};

class Resources {
  public:
    explicit Resources(io::World& world, const ResourceLimits& limits = {});
    ~Resources();
    Resources(const Resources&) = delete;
    Resources& operator=(const Resources&) = delete;

    // Whether sockets may be read. If not, no piece waits for company any more.
    bool accepting();
    BufferBudget& budget() { return budget_; }
    HashQueue& hashes() { return *hashes_; }
    IdleSegments& idle() { return *idle_; }
    const std::shared_ptr<FileHandles>& files() { return files_; }
    WindowCache& windows() { return *windows_; }
    const std::shared_ptr<DiskJobs>& reads() { return reads_; }
    ReactorReads& reactor_reads() { return reactor_reads_; }
    const std::shared_ptr<DiskJobs>& syncs() { return syncs_; }
    const ResourceLimits& limits() const { return limits_; }

  private:
    const ResourceLimits limits_;
    BufferBudget budget_;
    std::shared_ptr<FileHandles> files_;  // shared with jobs
    std::unique_ptr<IdleSegments> idle_;
    std::unique_ptr<HashQueue> hashes_;
    std::unique_ptr<WindowCache> windows_;
    ReactorReads reactor_reads_;
    std::shared_ptr<DiskJobs> reads_;  // these two: shared with jobs that end later
    std::shared_ptr<DiskJobs> syncs_;
};

}  // namespace spate::piece_store
