// What the process sets once for all of itself, at its start.
#pragma once

#include <cstdint>

#include "base/result.h"

namespace spate::io_linux {

// Raises the number of open descriptors to the hard limit; how many there may be now.
Result<std::uint64_t> raise_fd_limit();

// A write to a pipe that nobody reads any more fails with EPIPE instead of ending the process. Programs that
// we start are not concerned.
void ignore_broken_pipes();

}  // namespace spate::io_linux
