// The process's limits.
#pragma once

#include <cstdint>

#include "base/result.h"

namespace spate::io_linux {

// Raises the number of open descriptors to the hard limit; how many there may be now.
Result<std::uint64_t> raise_fd_limit();

}  // namespace spate::io_linux
