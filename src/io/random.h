// SecureRandom: octets nobody can guess; for ids, keys and the seeds of Rng. In the simulator: from the run's
// seed.
#pragma once

#include "base/bytes.h"

namespace spate::io {

class SecureRandom {
  public:
    virtual ~SecureRandom() = default;
    virtual void fill(MutableBytes out) = 0;
    std::uint64_t next_u64();
};

}  // namespace spate::io
