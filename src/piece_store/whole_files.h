// Whether all files of a torrent are there and vouched for, without opening a store: what a session with
// thousands of torrents asks of each when it starts. Blocking: in a pool job.
#pragma once

#include <memory>
#include <optional>

#include "piece_store/file_handles.h"
#include "piece_store/store_options.h"

namespace spate::piece_store {

// The state that says so, true of what is on the disk for good: the one in `options`, or with Trust::sizes a
// new one, after a sync. Nothing: a store must be opened, as anything is missing, in work or unknown, or not
// wanted.
std::optional<StoredState> find_whole(io::Files& files, const std::shared_ptr<FileHandles>& handles,
                                      const StoreOptions& options);

}  // namespace spate::piece_store
