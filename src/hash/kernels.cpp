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
    return __builtin_cpu_supports("sse4.1") != 0 && __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 &&
           (ebx & kShaBit) != 0;
}
#endif

// OpenSSL's speeds are those without SHA instructions on x86-64, where rows of our own have them, and with
// them elsewhere: other processors mostly have such instructions.
#if defined(__x86_64__)
constexpr double kSha1OpenSsl = 1.2;
constexpr double kSha256OpenSsl = 0.55;
#else
constexpr double kSha1OpenSsl = 1.9;
constexpr double kSha256OpenSsl = 1.8;
#endif

constexpr HashKernel kKernels[] = {
    {"openssl", 1, always, sha1_openssl, sha256_openssl, kSha1OpenSsl, kSha256OpenSsl},
    {"portable", 4, always, sha1_portable, sha256_portable, 1.75, 0.68},
#if defined(__x86_64__)
    {"sha_ni", 1, has_sha_instructions, sha1_sha_ni, sha256_sha_ni, 1.9, 1.8},
    {"sha_ni_2", 2, has_sha_instructions, sha1_sha_ni_2, sha256_sha_ni_2, 3.2, 3.4},
    {"sha_ni_4", 4, has_sha_instructions, sha1_sha_ni_4, sha256_sha_ni_4, 4.5, 3.6},
    {"avx2", 8, has_avx2, sha1_avx2, sha256_avx2, 4.0, 1.7},
    {"avx512", 16, has_avx512, sha1_avx512, sha256_avx512, 7.0, 3.5},
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

}  // namespace spate::hash
