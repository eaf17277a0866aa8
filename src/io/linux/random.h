// KernelRandom: io::SecureRandom from getrandom(). Thread: any.
#pragma once

#include "io/random.h"

namespace spate::io_linux {

class KernelRandom final : public io::SecureRandom {
  public:
    void fill(MutableBytes out) override;
};

}  // namespace spate::io_linux
