// The table of hashing kernels: each hashes `lanes` independent messages side by side, one vector element or
// one chain of SHA instructions a message (FIPS 180-4's compression function, unchanged). Which of them run
// is found out once from the CPU; callers that care (tests, benchmarks) name one, all others take the
// KernelLadder. See docs/decisions/0003-hash-lanes.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace spate::hash {

inline constexpr std::size_t kHashBlock = 64;  // bytes both algorithms take at a time
inline constexpr std::size_t kMaxLanes = 16;

// Advances the chaining states of all lanes by `blocks` blocks, at least one. state: word-major, word w of
// lane l at state[w * lanes + l], 64-byte aligned, 5 words (SHA-1) or 8 (SHA-256). data[l]: lane l's bytes,
// any alignment; at least blocks * 64 of them can be read. Lanes may share bytes.
using CompressLanes = void (*)(std::uint32_t* state, const std::uint8_t* const* data, std::size_t blocks);

struct HashKernel {
    std::string_view name;
    unsigned lanes;
    bool (*supported)();  // on this CPU
    CompressLanes sha1;
    CompressLanes sha256;
    // GB/s with all lanes busy, where it was measured. Their ratios say which kernel is worth what for how
    // many messages (KernelLadder).
    double sha1_speed;
    double sha256_speed;
};

// All rows built for this architecture, supported here or not; the first is one lane (OpenSSL) and always
// supported.
std::span<const HashKernel> kernels();

// The row with that name, or nullptr.
const HashKernel* find_kernel(std::string_view name);

}  // namespace spate::hash
