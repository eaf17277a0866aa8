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

    static void load_block(Word* w, const std::uint8_t* const* data, std::size_t offset) {
        for (unsigned i = 0; i < 16; ++i)
            for (unsigned lane = 0; lane < kLanes; ++lane)
                w[i][lane] = big_endian(data[lane] + offset + i * 4);
    }

  private:
    static std::uint32_t big_endian(const std::uint8_t* at) {
        return std::uint32_t{at[0]} << 24 | std::uint32_t{at[1]} << 16 | std::uint32_t{at[2]} << 8 | at[3];
    }
};

}  // namespace

void sha1_portable(std::uint32_t* state, const std::uint8_t* const* data, std::size_t blocks) {
    sha1_lanes<Portable>(state, data, blocks);
}
void sha256_portable(std::uint32_t* state, const std::uint8_t* const* data, std::size_t blocks) {
    sha256_lanes<Portable>(state, data, blocks);
}

}  // namespace spate::hash
