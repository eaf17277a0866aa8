// SimRandom: "secure" randomness from the run's seed: the same in every run of it.
#pragma once

#include "base/rng.h"
#include "io/random.h"

namespace spate::sim {

class SimRandom final : public io::SecureRandom {
  public:
    explicit SimRandom(std::uint64_t seed) : rng_(seed) {}
    void fill(MutableBytes out) override {
        for (auto& octet : out) octet = static_cast<std::uint8_t>(rng_.next() >> 56);
    }

  private:
    Rng rng_;
};

}  // namespace spate::sim
