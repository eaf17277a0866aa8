// 4 lanes in the compiler's own 128-bit vectors: whatever the machine has (SSE2, NEON, or plain registers).
#include "hash/kernel_functions.h"
#include "hash/sha_rounds.h"

namespace spate::hash {
namespace {

struct Portable {
    static constexpr unsigned kLanes = 4;
    using Word = std::uint32_t __attribute__((vector_size(16)));

    static Word load(const std::uint32_t* from) { return Word{from[0], from[1], from[2], from[3]}; }
    static void store(std::uint32_t* to, Word x) {
        for (unsigned lane = 0; lane < kLanes; ++lane) to[lane] = x[lane];
    }
    static Word broadcast(std::uint32_t x) { return Word{} + x; }
    template <int N>
    static Word rotl(Word x) {
        return (x << N) | (x >> (32 - N));
    }
    template <int N>
    static Word shift_right(Word x) {
        return x >> N;
    }
    static Word xor3(Word x, Word y, Word z) { return x ^ y ^ z; }
    static Word choose(Word x, Word y, Word z) { return z ^ (x & (y ^ z)); }
    static Word majority(Word x, Word y, Word z) { return (x & y) | (z & (x | y)); }

    template <int Part>
    static void start_load(Word* w, const std::uint8_t* const* data, std::size_t offset) {
        for (unsigned i = 4 * Part; i < 4 * Part + 4; ++i)
            w[i] = Word{big_endian(data[0] + offset + i * 4), big_endian(data[1] + offset + i * 4),
                        big_endian(data[2] + offset + i * 4), big_endian(data[3] + offset + i * 4)};
    }
    template <int K>
    static void finish_load(Word*) {}

  private:
    static std::uint32_t big_endian(const std::uint8_t* at) {
        return std::uint32_t{at[0]} << 24 | std::uint32_t{at[1]} << 16 | std::uint32_t{at[2]} << 8 | at[3];
    }
};

}  // namespace

void sha1_portable(std::uint32_t* state, const std::uint8_t* const* data, std::size_t blocks) {
    hash_lanes<Portable, Sha1Rounds>(state, data, blocks);
}
void sha256_portable(std::uint32_t* state, const std::uint8_t* const* data, std::size_t blocks) {
    hash_lanes<Portable, Sha256Rounds>(state, data, blocks);
}

}  // namespace spate::hash
