// Rng: a small, fast, seeded generator (xoshiro256**, Blackman and Vigna) for policy and tests. Equal seeds
// give equal sequences on every machine. Never for secrets: those come from io::SecureRandom.
#pragma once

#include <array>
#include <cstdint>

namespace spate {

class Rng {
  public:
    explicit Rng(std::uint64_t seed);

    std::uint64_t next();
    // Uniform in [0, bound); bound > 0. Without modulo bias.
    std::uint64_t below(std::uint64_t bound);
    // True with probability numerator / denominator; denominator > 0.
    bool chance(std::uint64_t numerator, std::uint64_t denominator) { return below(denominator) < numerator; }

    // UniformRandomBitGenerator, for std::shuffle and friends.
    using result_type = std::uint64_t;
    static constexpr result_type min() { return 0; }
    static constexpr result_type max() { return UINT64_MAX; }
    result_type operator()() { return next(); }

  private:
    std::array<std::uint64_t, 4> state_;
};

}  // namespace spate
