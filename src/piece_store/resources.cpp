#include "piece_store/resources.h"

#include "piece_store/disk_jobs.h"
#include "piece_store/file_handles.h"
#include "piece_store/hash_queue.h"
#include "piece_store/idle_segments.h"
#include "piece_store/window_cache.h"

namespace spate::piece_store {
namespace {

// What a thread has for sure, however much it draws.
std::size_t own_bytes(const ResourceLimits& limits) {
    return limits.write_ledger == nullptr ? limits.write_bytes : limits.write_ledger->own_part();
}

BufferBudget budget_of(const ResourceLimits& limits) {
    if (limits.write_ledger == nullptr) return BufferBudget(limits.write_bytes);
    return BufferBudget(*limits.write_ledger);
}

}  // namespace

Resources::Resources(io::World& world, const ResourceLimits& limits)
    : limits_(limits),
      budget_(budget_of(limits)),
      files_(std::make_shared<FileHandles>(limits.open_files)),
      idle_(std::make_unique<IdleSegments>(own_bytes(limits) / 2)),
      hashes_(std::make_unique<HashQueue>(world, budget_, limits.jobs)),
      windows_(std::make_unique<WindowCache>(limits.window_bytes)),
      reads_(std::make_shared<DiskJobs>(world, DiskJobs::Limits{limits.read_jobs})),
      syncs_(std::make_shared<DiskJobs>(world, DiskJobs::Limits{limits.sync_jobs, limits.late_syncs})) {}

Resources::~Resources() = default;

bool Resources::accepting() {
    if (budget_.accepting()) return true;
    hashes_->hurry();
    return false;
}

}  // namespace spate::piece_store
