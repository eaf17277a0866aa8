#include "piece_store/resources.h"

#include "piece_store/file_handles.h"
#include "piece_store/hash_queue.h"
#include "piece_store/idle_segments.h"
#include "piece_store/window_cache.h"

namespace spate::piece_store {

Resources::Resources(io::World& world, const ResourceLimits& limits)
    : limits_(limits),
      budget_(limits.write_bytes),
      files_(std::make_shared<FileHandles>(limits.open_files)),
      idle_(std::make_unique<IdleSegments>(limits.write_bytes / 2)),
      hashes_(std::make_unique<HashQueue>(world, budget_, limits.jobs)),
      windows_(std::make_unique<WindowCache>(limits.window_bytes)) {}

Resources::~Resources() = default;

}  // namespace spate::piece_store
