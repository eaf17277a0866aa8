#include "hash/kernels.h"

#include <algorithm>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "hash/kernel_functions.h"

namespace spate::hash {

namespace {

bool always() {
    return true;
}
#if defined(__x86_64__)
bool has_avx2() {
    return __builtin_cpu_supports("avx2") != 0;
}
bool has_avx512() {
    return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0;
}
bool has_sha_instructions() {  // GCC 12's __builtin_cpu_supports does not know them
    constexpr unsigned kShaBit = 1U << 29;
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (ebx & kShaBit) != 0;
}
#endif

// From the narrowest to the widest. The break-even counts are measured against OpenSSL with SHA instructions
// where the row is chosen beside them, else without.
constexpr HashKernel kKernels[] = {
    {"openssl", 1, always, sha1_openssl, sha256_openssl, 1, 1},
    {"portable", 4, always, sha1_portable, sha256_portable, 3, 3},
#if defined(__x86_64__)
    {"avx2", 8, has_avx2, sha1_avx2, sha256_avx2, 5, 4},
    {"avx512", 16, has_avx512, sha1_avx512, sha256_avx512, 4, 8},
#endif
};

}  // namespace

std::span<const HashKernel> kernels() {
    return kKernels;
}

const HashKernel* find_kernel(std::string_view name) {
    const auto* row = std::ranges::find(kKernels, name, &HashKernel::name);
    return row == std::end(kKernels) ? nullptr : row;
}

namespace {

// Measured, see docs/decisions/0003-hash-lanes.md. With SHA instructions one message at a time beats 4 lanes,
// and for SHA-256 8 lanes; without them any lanes beat it. Processors other than x86-64 mostly have such
// instructions.
const HashKernel& find_fastest([[maybe_unused]] bool eight_lanes_beat_sha_instructions) {
#if defined(__x86_64__)
    if (has_avx512()) return *find_kernel("avx512");
    if (has_avx2() && (eight_lanes_beat_sha_instructions || !has_sha_instructions()))
        return *find_kernel("avx2");
    if (!has_sha_instructions()) return *find_kernel("portable");
#endif
    return kKernels[0];
}

}  // namespace

const HashKernel& fastest_sha1() {
    static const HashKernel& row = find_fastest(true);
    return row;
}
const HashKernel& fastest_sha256() {
    static const HashKernel& row = find_fastest(false);
    return row;
}

}  // namespace spate::hash
