#include "hash/kernel_ladder.h"

#include <algorithm>
#include <vector>

#include "base/assert.h"

namespace spate::hash {
namespace {

using Rung = KernelLadder::Rung;

// What it gets done of so many messages in the time all its lanes take.
double worth(const Rung& rung, unsigned busy) {
    return rung.speed * std::min(busy, rung.lanes) / rung.lanes;
}

KernelLadder all_supported(CompressLanes HashKernel::* compress, double HashKernel::* speed) {
    std::vector<Rung> rungs;
    for (const HashKernel& kernel : kernels())
        if (kernel.supported()) rungs.push_back({kernel.lanes, kernel.*compress, kernel.*speed});
    return KernelLadder(rungs);
}

KernelLadder only(const HashKernel& kernel, CompressLanes compress) {
    const Rung rung{kernel.lanes, compress, 1};
    return KernelLadder(std::span(&rung, 1));
}

}  // namespace

KernelLadder::KernelLadder(std::span<const Rung> rungs) {
    SPATE_ASSERT(!rungs.empty());
    for (unsigned busy = 1; busy <= kMaxLanes; ++busy)
        best_[busy - 1] =
            *std::ranges::max_element(rungs, {}, [busy](const Rung& rung) { return worth(rung, busy); });
    lanes_ = best_.back().lanes;
}

KernelLadder only_sha1(const HashKernel& kernel) {
    return only(kernel, kernel.sha1);
}
KernelLadder only_sha256(const HashKernel& kernel) {
    return only(kernel, kernel.sha256);
}

const KernelLadder& fastest_sha1() {
    static const KernelLadder ladder = all_supported(&HashKernel::sha1, &HashKernel::sha1_speed);
    return ladder;
}
const KernelLadder& fastest_sha256() {
    static const KernelLadder ladder = all_supported(&HashKernel::sha256, &HashKernel::sha256_speed);
    return ladder;
}

}  // namespace spate::hash
