// 16 lanes in 512-bit registers: rotations and three-input logic are one instruction each.
#include "hash/kernel_functions.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "hash/sha_rounds.h"

namespace spate::hash {
namespace {

struct Avx512 {
    static constexpr unsigned kLanes = 16;
    using Word = std::uint32_t __attribute__((vector_size(64)));

    static __m512i bits(Word x) { return (__m512i)x; }
    static Word word(__m512i x) { return (Word)x; }

    static Word load(const std::uint32_t* from) { return word(_mm512_load_si512(from)); }
    static void store(std::uint32_t* to, Word x) { _mm512_store_si512(to, bits(x)); }
    static Word broadcast(std::uint32_t x) { return word(_mm512_set1_epi32(static_cast<int>(x))); }

    template <int N>
    static Word rotl(Word x) {
        return word(_mm512_rol_epi32(bits(x), N));
    }
    template <int N>
    static Word shift_right(Word x) {
        return x >> N;
    }
    // The last argument is the truth table: result bit for (x, y, z) = 111 first, 000 last.
    static Word xor3(Word x, Word y, Word z) {
        return word(_mm512_ternarylogic_epi32(bits(x), bits(y), bits(z), 0x96));
    }
    static Word choose(Word x, Word y, Word z) {
        return word(_mm512_ternarylogic_epi32(bits(x), bits(y), bits(z), 0xca));
    }
    static Word majority(Word x, Word y, Word z) {
        return word(_mm512_ternarylogic_epi32(bits(x), bits(y), bits(z), 0xe8));
    }

    // A 16 x 16 transposition. Its first half: words of lanes 4 * Part to 4 * Part + 3 side by side; quarter
    // q of w[4 * Part + k] holds word 4 * q + k of each.
    template <int Part>
    static void start_load(Word* w, const std::uint8_t* const* data, std::size_t offset) {
        const __m512i row0 = load_row(data[4 * Part] + offset);
        const __m512i row1 = load_row(data[4 * Part + 1] + offset);
        const __m512i row2 = load_row(data[4 * Part + 2] + offset);
        const __m512i row3 = load_row(data[4 * Part + 3] + offset);
        const __m512i low01 = _mm512_unpacklo_epi32(row0, row1);
        const __m512i high01 = _mm512_unpackhi_epi32(row0, row1);
        const __m512i low23 = _mm512_unpacklo_epi32(row2, row3);
        const __m512i high23 = _mm512_unpackhi_epi32(row2, row3);
        w[4 * Part + 0] = word(_mm512_unpacklo_epi64(low01, low23));
        w[4 * Part + 1] = word(_mm512_unpackhi_epi64(low01, low23));
        w[4 * Part + 2] = word(_mm512_unpacklo_epi64(high01, high23));
        w[4 * Part + 3] = word(_mm512_unpackhi_epi64(high01, high23));
    }
    // Its second half, for words K, 4 + K, 8 + K and 12 + K: gathers the quarters, and turns the words' bytes
    // around.
    template <int K>
    static void finish_load(Word* w) {
        const __m512i front01 = _mm512_shuffle_i32x4(bits(w[K]), bits(w[4 + K]), 0x44);
        const __m512i back01 = _mm512_shuffle_i32x4(bits(w[K]), bits(w[4 + K]), 0xee);
        const __m512i front23 = _mm512_shuffle_i32x4(bits(w[8 + K]), bits(w[12 + K]), 0x44);
        const __m512i back23 = _mm512_shuffle_i32x4(bits(w[8 + K]), bits(w[12 + K]), 0xee);
        w[K] = swapped(_mm512_shuffle_i32x4(front01, front23, 0x88));
        w[4 + K] = swapped(_mm512_shuffle_i32x4(front01, front23, 0xdd));
        w[8 + K] = swapped(_mm512_shuffle_i32x4(back01, back23, 0x88));
        w[12 + K] = swapped(_mm512_shuffle_i32x4(back01, back23, 0xdd));
    }

  private:
    static __m512i load_row(const std::uint8_t* at) {
        constexpr std::size_t kAhead = 8 * kHashBlock;
        _mm_prefetch(reinterpret_cast<const char*>(reinterpret_cast<std::uintptr_t>(at) + kAhead),
                     _MM_HINT_T0);
        return _mm512_loadu_si512(at);
    }
    static Word swapped(__m512i x) {
        const __m512i order =
            _mm512_broadcast_i32x4(_mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
        return word(_mm512_shuffle_epi8(x, order));
    }
};

}  // namespace

void sha1_avx512(std::uint32_t* state, const std::uint8_t* const* data, std::size_t blocks) {
    hash_lanes<Avx512, Sha1Rounds>(state, data, blocks);
}
void sha256_avx512(std::uint32_t* state, const std::uint8_t* const* data, std::size_t blocks) {
    hash_lanes<Avx512, Sha256Rounds>(state, data, blocks);
}

}  // namespace spate::hash
#endif
