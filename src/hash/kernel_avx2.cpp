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

    // Two 8 x 8 transpositions, one for each half of the block. Their first stages: words of lanes 4 * (Part
    // % 2) and the next three side by side; half q of w[4 * Part + k] holds word 8 * (Part / 2) + 4 * q + k
    // of each.
    template <int Part>
    static void start_load(Word* w, const std::uint8_t* const* data, std::size_t offset) {
        constexpr unsigned kLane = 4 * (Part % 2);
        const std::size_t at = offset + Part / 2 * (kHashBlock / 2);
        const __m256i row0 = load_row(data[kLane] + at);
        const __m256i row1 = load_row(data[kLane + 1] + at);
        const __m256i row2 = load_row(data[kLane + 2] + at);
        const __m256i row3 = load_row(data[kLane + 3] + at);
        const __m256i low01 = _mm256_unpacklo_epi32(row0, row1);
        const __m256i high01 = _mm256_unpackhi_epi32(row0, row1);
        const __m256i low23 = _mm256_unpacklo_epi32(row2, row3);
        const __m256i high23 = _mm256_unpackhi_epi32(row2, row3);
        w[4 * Part + 0] = (Word)_mm256_unpacklo_epi64(low01, low23);
        w[4 * Part + 1] = (Word)_mm256_unpackhi_epi64(low01, low23);
        w[4 * Part + 2] = (Word)_mm256_unpacklo_epi64(high01, high23);
        w[4 * Part + 3] = (Word)_mm256_unpackhi_epi64(high01, high23);
    }
    // Their last stage, for words K, 4 + K, 8 + K and 12 + K.
    template <int K>
    static void finish_load(Word* w) {
        gather(w[K], w[4 + K]);
        gather(w[8 + K], w[12 + K]);
    }

  private:
    static __m256i load_row(const std::uint8_t* at) {
        constexpr std::size_t kAhead = 8 * kHashBlock;
        _mm_prefetch(reinterpret_cast<const char*>(reinterpret_cast<std::uintptr_t>(at) + kAhead),
                     _MM_HINT_T0);
        const __m256i order = _mm256_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12,  //
                                               3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
        return _mm256_shuffle_epi8(_mm256_loadu_si256(reinterpret_cast<const __m256i_u*>(at)), order);
    }
    static void gather(Word& front, Word& back) {
        const __m256i low = (__m256i)front;
        const __m256i high = (__m256i)back;
        front = (Word)_mm256_permute2x128_si256(low, high, 0x20);
        back = (Word)_mm256_permute2x128_si256(low, high, 0x31);
    }
};

}  // namespace

void sha1_avx2(std::uint32_t* state, const std::uint8_t* const* data, std::size_t blocks) {
    hash_lanes<Avx2, Sha1Rounds>(state, data, blocks);
}
void sha256_avx2(std::uint32_t* state, const std::uint8_t* const* data, std::size_t blocks) {
    hash_lanes<Avx2, Sha256Rounds>(state, data, blocks);
}

}  // namespace spate::hash
#endif
