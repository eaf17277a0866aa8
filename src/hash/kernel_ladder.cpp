#include "hash/kernel_ladder.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "base/assert.h"

namespace spate::hash {
namespace {

using Rung = KernelLadder::Rung;

// What it gets done of so many messages in the time all its lanes take.
double worth(const Rung& rung, unsigned busy) {
    return rung.speed * std::min(busy, rung.lanes) / rung.lanes;
}

// The best of a few short runs: what disturbs a run only makes it longer.
double measured_speed(CompressLanes compress, unsigned lanes) {
    constexpr std::size_t blocks = 64;
    constexpr int runs = 6;
    static constexpr std::array<std::uint8_t, blocks * kHashBlock> bytes{};
    alignas(64) std::array<std::uint32_t, 8 * kMaxLanes> state{};
    std::array<const std::uint8_t*, kMaxLanes> data{};
    data.fill(bytes.data());
    auto shortest = std::chrono::steady_clock::duration::max();
    for (int i = 0; i < runs; ++i) {
        const auto start = std::chrono::steady_clock::now();
        compress(state.data(), data.data(), blocks);
        shortest = std::min(shortest, std::chrono::steady_clock::now() - start);
    }
    const auto nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(shortest).count();
    return lanes / static_cast<double>(std::max<std::int64_t>(nanoseconds, 1));
}

KernelLadder measured(CompressLanes HashKernel::* compress) {
    std::vector<Rung> rungs;
    for (const HashKernel& kernel : kernels())
        if (kernel.supported())
            rungs.push_back({kernel.lanes, kernel.*compress, measured_speed(kernel.*compress, kernel.lanes)});
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
    static const KernelLadder ladder = measured(&HashKernel::sha1);
    return ladder;
}
const KernelLadder& fastest_sha256() {
    static const KernelLadder ladder = measured(&HashKernel::sha256);
    return ladder;
}

}  // namespace spate::hash
