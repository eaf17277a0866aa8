// KernelLadder: which kernel to take for how many messages are at hand. A wide kernel costs the same however
// many of its lanes are busy; one chain at a time leaves the SHA instructions waiting. See
// docs/decisions/0003-hash-lanes.md. Thread: immutable; any.
#pragma once

#include <array>
#include <span>

#include "hash/kernels.h"

namespace spate::hash {

class KernelLadder {
  public:
    struct Rung {
        unsigned lanes;
        CompressLanes compress;
        double speed;  // with all lanes busy: only its ratio to others' matters
    };
    // At least one; of 1 to kMaxLanes lanes each.
    explicit KernelLadder(std::span<const Rung> rungs);

    // What to begin with for so many messages, 1 to kMaxLanes, to be through with all of them soonest.
    const Rung& rung(unsigned busy) const { return best_[busy - 1]; }
    // So many keep the fastest for kMaxLanes messages busy.
    unsigned lanes() const { return lanes_; }

  private:
    std::array<Rung, kMaxLanes> best_;  // [k - 1]: for k messages
    unsigned lanes_;
};

// One kernel alone, its idle lanes hashing for nothing.
KernelLadder only_sha1(const HashKernel& kernel);
KernelLadder only_sha256(const HashKernel& kernel);

// All kernels this CPU supports.
const KernelLadder& fastest_sha1();
const KernelLadder& fastest_sha256();

}  // namespace spate::hash
