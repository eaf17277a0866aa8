// spawn: fork and exec with pipes, as values. What Process watches.
#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

#include "base/result.h"
#include "io/linux/unique_fd.h"

namespace spate::io_linux {

struct Spawned {
    pid_t id = 0;
    UniqueFd pidfd;   // readable once the child has ended
    UniqueFd output;  // the child's standard output; non-blocking
    UniqueFd errors;
};

// Waits until exec has happened (or not): some milliseconds at most.
Result<Spawned> spawn(const std::vector<std::string>& argv, const std::string& folder);
// Kills and reaps.
void end_child(const Spawned& child);

}  // namespace spate::io_linux
