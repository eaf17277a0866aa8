// 8 lanes in 256-bit registers.
#include "hash/kernel_functions.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "hash/sha_rounds.h"

namespace spate::hash {
namespace {

struct Avx2 {
    static constexpr unsigned kLanes = 8;
    using Word = std::uint32_t __attribute__((vector_size(32)));

    static Word load(const std::uint32_t* from) {
        return (Word)_mm256_load_si256(reinterpret_cast<const __m256i*>(from));
    }
    static void store(std::uint32_t* to, Word x) {
        _mm256_store_si256(reinterpret_cast<__m256i*>(to), (__m256i)x);
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

    // Half a block at a time: an 8 x 8 transposition in three stages.
    static void load_block(Word* w, const std::uint8_t* const* data, std::size_t offset) {
        load_half(w, data, offset);
        load_half(w + 8, data, offset + kHashBlock / 2);
    }

  private:
    static void load_half(Word* w, const std::uint8_t* const* data, std::size_t offset) {
        constexpr std::size_t kAhead = 8 * kHashBlock;
        const __m256i swap = _mm256_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12,  //
                                              3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
        __m256i quads[8];  // quads[4 * j + k]: half q holds word 4 * q + k of lanes 4 * j to 4 * j + 3
        for (unsigned j = 0; j < 2; ++j) {
            __m256i row[4];
            for (unsigned k = 0; k < 4; ++k) {
                const auto* at = data[4 * j + k] + offset;
                row[k] =
                    _mm256_shuffle_epi8(_mm256_loadu_si256(reinterpret_cast<const __m256i_u*>(at)), swap);
                if (offset % kHashBlock == 0)
                    _mm_prefetch(reinterpret_cast<const char*>(reinterpret_cast<std::uintptr_t>(at) + kAhead),
                                 _MM_HINT_T0);
            }
            const __m256i low01 = _mm256_unpacklo_epi32(row[0], row[1]);
            const __m256i high01 = _mm256_unpackhi_epi32(row[0], row[1]);
            const __m256i low23 = _mm256_unpacklo_epi32(row[2], row[3]);
            const __m256i high23 = _mm256_unpackhi_epi32(row[2], row[3]);
            quads[4 * j + 0] = _mm256_unpacklo_epi64(low01, low23);
            quads[4 * j + 1] = _mm256_unpackhi_epi64(low01, low23);
            quads[4 * j + 2] = _mm256_unpacklo_epi64(high01, high23);
            quads[4 * j + 3] = _mm256_unpackhi_epi64(high01, high23);
        }
        for (unsigned k = 0; k < 4; ++k) {
            w[k] = (Word)_mm256_permute2x128_si256(quads[k], quads[4 + k], 0x20);
            w[4 + k] = (Word)_mm256_permute2x128_si256(quads[k], quads[4 + k], 0x31);
        }
    }
};

}  // namespace

void sha1_avx2(std::uint32_t* state, const std::uint8_t* const* data, std::size_t blocks) {
    sha1_lanes<Avx2>(state, data, blocks);
}
void sha256_avx2(std::uint32_t* state, const std::uint8_t* const* data, std::size_t blocks) {
    sha256_lanes<Avx2>(state, data, blocks);
}

}  // namespace spate::hash
#endif
