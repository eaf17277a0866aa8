#include "hash/kernel_ladder.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "base/assert.h"

namespace spate::hash {
namespace {

using Rung = KernelLadder::Rung;

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

// For messages of equal length: those beyond a rung's lanes take their time after it. Of the same steps in
// another order, the widest comes first.
KernelLadder::KernelLadder(std::span<const Rung> rungs) {
    SPATE_ASSERT(!rungs.empty());
    std::vector<Rung> widest_first(rungs.begin(), rungs.end());
    std::ranges::stable_sort(widest_first, std::ranges::greater{}, &Rung::lanes);
    std::array<double, kMaxLanes + 1> times{};
    for (unsigned busy = 1; busy <= kMaxLanes; ++busy) {
        times[busy] = std::numeric_limits<double>::infinity();
        for (const Rung& rung : widest_first) {
            SPATE_ASSERT(rung.lanes >= 1 && rung.lanes <= kMaxLanes && rung.speed > 0);
            const double time = rung.lanes / rung.speed + times[busy - std::min(busy, rung.lanes)];
            constexpr double rounding = 1e-9;
            if (time > times[busy] * (1 - rounding)) continue;
            times[busy] = time;
            best_[busy - 1] = rung;
        }
    }
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
