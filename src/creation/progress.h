// Progress of a creation or a verification, for people.
#pragma once

#include <cstdint>

namespace spate::creation {

enum class Phase : std::uint8_t {
    looking,  // through folders, at the files' sizes
    hashing,
    closing,  // last looks at the files
};

struct Progress {
    Phase phase = Phase::looking;
    std::uint64_t bytes_done = 0;  // of the piece address space: pad files count
    std::uint64_t bytes_total = 0;
};

}  // namespace spate::creation
